# Makes the copy of this machine that machine.py describes, and becomes its first process. Runs in namespaces of its own.
# Arguments: an empty directory, a folder that is laid over the machine's files (or nothing), and SOURCE:TARGET for each file and
# folder that the copy is to have besides.
set -euo pipefail
readonly place=$1 root=$1/root layer=$2
shift 2

mount --make-rprivate /
mount -t tmpfs copy "$place"
mkdir "$place/changes" "$place/work" "$root"
if [[ -n $layer ]]; then
    cp --archive "$layer/." "$place/changes"
fi
mount -t overlay copy -o "lowerdir=/,upperdir=$place/changes,workdir=$place/work" "$root"
mount -t proc proc "$root/proc"
# Settings of the kernel are everybody's, but those of the network belong to the copy's own.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
# Before what the copy is to have besides, some of which may lie below.
mount -t tmpfs run "$root/run"
mount -t tmpfs tmp "$root/tmp"
for pair in "$@"; do
    source=${pair%%:*} target=$root${pair#*:}
    if [[ -d $source ]]; then
        mkdir -p "$target"
    else
        mkdir -p "${target%/*}"
        touch "$target"
    fi
    mount --bind "$source" "$target"
done
ip link set lo up
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old

# From here on everything is the copy's own. Of the machine's services none starts but the journal.
echo kms >/etc/hostname
printf '127.0.0.1 localhost\n127.0.0.1 kms.example.com\n' >/etc/hosts
rm -rf /lib/systemd/system/*.wants /etc/systemd/system/*.wants /lib/systemd/system-generators /var/log/journal
for target in sysinit basic multi-user; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"/etc/systemd/system/$target.target"
done
printf '[Unit]\nDescription=copy\nDefaultDependencies=no\nWants=systemd-journald.service\n' >/etc/systemd/system/copy.target
export container=copy
exec /lib/systemd/systemd --system --unit=copy.target --log-target=journal-or-kmsg --show-status=no </dev/null
