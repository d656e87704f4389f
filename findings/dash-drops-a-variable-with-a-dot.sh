#!/bin/sh
# A variable of the environment may have any name without "=" in it, and a task definition of ECS, docker run --env and Kubernetes take spring.profiles.active or log-level for one. dash, which is /bin/sh on Debian and Ubuntu, hands on to the programs that it starts only those that it
# could have as variables of its own, of letters, digits and underscores: behind an entry point of "#!/bin/sh", CMD in its form of one text, or `sh -c`, which a health check is run by, the others are gone, without a word, while `docker inspect` goes on showing them.
# busybox's shell, Alpine's /bin/sh, and mksh do as dash does; bash, /bin/sh of Fedora and Amazon Linux, hands on what it cannot read itself, so that the same entry point works in one image and not in another.
# Exit 0: as described. Exit 1: another behaviour. Needs Debian's packages (seen with dash 0.5.12, bash 5.2, busybox 1.35 and mksh 59).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq dash bash busybox-static mksh >/dev/null 2>&1
for package in ./*.deb; do
    dpkg-deb --field "$package" Package Version | paste -sd' '
    dpkg -x "$package" root
done
ln -s busybox root/bin/ash
said=''
for shell in dash bash ash mksh; do
    program=root/bin/$shell
    found=$(env -i PATH="$PATH" log.level=debug log-level=debug LOG_LEVEL=debug "$program" -c '/usr/bin/env; true' | grep -ci '^log.level=' || true)
    said="$said $shell:$found"
done
echo "of three variables, by shell, are handed on:$said"
[ "$said" = " dash:1 bash:3 ash:1 mksh:1" ]
