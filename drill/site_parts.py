"""The parts of a site as a fault sees them: containers, by what they do, and the processes in them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from containers.client import Client
from containers.engine import Engine

# What the project calls the containers of its task.
NGINX, PHP = "nginx", "wordpress"

# The plugin's classes and a connection in ``$database``, without WordPress.
_CLASSES = """
require '/var/www/wordpress/mu-plugins/floodgate/autoload.php';
$database = Floodgate\\Registration\\Database::ofProcess(getenv('DB_HOST'), (int) getenv('DB_PORT'),
    getenv('DB_USER'), getenv('DB_PASSWORD'), getenv('DB_NAME'), 'wp_');
"""


class Parts(ABC):
    """A site that runs here: where it is reached, and its storm token."""

    url: str
    token: str

    @property
    @abstractmethod
    def engine(self) -> Client | Engine:
        """What calls the container engine."""

    @abstractmethod
    def container(self, name: str) -> str:
        """Return a container of the oldest task, as the engine calls it."""

    @property
    @abstractmethod
    def network(self) -> str:
        """The container that holds the oldest task's network."""

    @property
    @abstractmethod
    def database(self) -> str:
        """The database's container."""

    def pid(self, container: str) -> int:
        """Return the process on this machine of a container's first process."""
        return int(self.engine("inspect", "--format={{.State.Pid}}", container))

    def address(self, container: str) -> str:
        """Return a container's address in its network."""
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}"
        return self.engine("inspect", f"--format={form}", container).split()[0]

    def php(self, code: str, *arguments: str) -> str:
        """Return what PHP code prints in the oldest task, with the plugin's classes and the database at hand."""
        return self.engine("exec", self.container(PHP), "php", "-r", _CLASSES + code, "--", *arguments)
