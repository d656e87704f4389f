#!/bin/sh
# After dockerd was killed and is started again, `docker inspect` goes on telling the IP address of a container that is not running, with its
# restart policy `unless-stopped` not carried out; one that was stopped has none. Who takes "it has an address" for "it is up" calls the dead.
# A daemon of its own, in network and mount name spaces of its own: dockerd is killed (its containers live on), and started again.
# Exit 0: as described. Exit 1: another behaviour. Needs root, Debian 12's packages, nsenter and unshare.
set -eu
if [ "${PLACE:-}" = "" ]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    cd "$folder"
    apt-get download -qq docker.io containerd runc tini libdevmapper1.02.1 busybox-static >/dev/null 2>&1
    for package in ./*.deb; do dpkg -x "$package" "$folder/root"; done
    PLACE=$folder unshare --net --mount --propagation private --fork sh "$OLDPWD/$0"
    exit
fi
root=$PLACE/root
export PATH="$root/usr/bin:$root/usr/sbin:$root/sbin:$PATH" DOCKER_HOST="unix://$PLACE/sock"
export LD_LIBRARY_PATH="$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu"
ip link set lo up
begin() {
    rm -f "$PLACE/pid" "$PLACE/exec/containerd/containerd.pid"
    dockerd --data-root="$PLACE/data" --exec-root="$PLACE/exec" --pidfile="$PLACE/pid" --host="$DOCKER_HOST" \
        --bridge=none --userland-proxy=false >>"$PLACE/log" 2>&1 &
    daemon=$!
    for _ in $(seq 150); do docker version >/dev/null 2>&1 && return; sleep 0.2; done
    tail -5 "$PLACE/log"
    exit 1
}
address() { docker inspect --format='{{.State.Status}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"; }
begin
tar --create --directory="$root" bin/busybox | docker import - busybox:test >/dev/null
docker network create net >/dev/null
for name in killed stopped; do
    docker run --detach --name="$name" --network=net --restart=unless-stopped busybox:test /bin/busybox sleep 1000 >/dev/null
done
docker stop --time=0 stopped >/dev/null
echo "docker $(docker version --format '{{.Server.Version}}')"
echo "before:          $(address killed)"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
begin
sleep 3
dead=$(address killed)
stopped=$(address stopped)
echo "dockerd killed:  $dead"
echo "stopped by hand: $stopped"
docker rm --force killed stopped >/dev/null
kill "$daemon"
wait "$daemon" 2>/dev/null || true
case $dead in "exited "*.*) ;; *) exit 1 ;; esac
case $stopped in "exited "*.*) exit 1 ;; *) ;; esac
