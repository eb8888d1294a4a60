"""docs/operating.md, told to a machine: every command of it is run, as it is written and in its order, on a copy of this machine
(machine.py) with a real systemd; and the files in deploy/ are what those who read them accept."""

import atexit
import functools
import json
import re
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import balancer
import kubernetes_validate
import machine
import needs
import pytest
import subject
import yaml

pytestmark = pytest.mark.own_server
REPOSITORY = subject.REPOSITORY
PAGE = (REPOSITORY / "docs/operating.md").read_text()
DEPLOY = REPOSITORY / "deploy"
FOLDER = "/root/kagiban"

# The block that is told to a machine of its own, which has a cluster.
KUBECTL = "kubectl create namespace"

# What must be in the output of the block that has this in it.
SEEN = {
    "useradd --system": [r"^kagiban \d"],
    "systemctl enable --now": ['"ready":true'],
    "journalctl": [r"Active: active \(running\)", "Started kagiban.service"],
    "kagiban account list": ["111122223333"],
    "promtool check config": ["kagiban_store_healthy 1", "kagiban_audit_stopped 0", "SUCCESS: .* is valid", r"SUCCESS: \d+ rules found"],
    "--operation CreateKey": ["CreateKey", "111122223333"],
    "systemd-run --unit=drill": ["is in order", "Restored: ", "^still there"],
    "kagiban.before\n": ['"ready":true'],
    "openssl s_client": ["notAfter="],
    "kagiban seal": ["the service is sealed"],
    "--from 1h\nkagiban unseal": ['"ready":true'],
    "/var/lib/kagiban.lost": ["Restored: ", '"ready":true'],
    "until kagiban unseal": ["sealed", '"ready":true'],
    "kagiban domain-key rotate": ["(?i)current"],
    "--principal operator": ["Inactive", "operator"],
    "systemd-run --unit=etcd": ['"health":"true"'],
    "etcdctl": ["compacted revision", "Finished defragmenting", "is healthy"],
    'node-name = "kms-1"': ["kms-1", "CURRENT"],
    "kagiban nodes --endpoint": [r"kms-1\b.*CURRENT|CURRENT.*kms-1\b", r"kms-2\b.*CURRENT|CURRENT.*kms-2\b", r"kms-3\b.*CURRENT|CURRENT.*kms-3\b"],
    "haproxy -c": ["Configuration file is valid", '"ready":true\\}\nEnabled\nEnabled\n'],
    "Containerfile --tag kagiban": ["Successfully tagged localhost/kagiban:latest", r"STEP 4/4: RUN cargo build", "COPY --from=build"],
    "--target given": ["Successfully tagged localhost/kagiban:latest", "STEP 2/3: ADD target/image.tar /"],
    "podman run": ['"ready":true', "Kagiban is serving on https://0.0.0.0:4599"],
    "podman stop": ["the certificate was read again", "^ended with 0$", '"ready":true'],
}


def blocks():
    """The blocks of commands of the page."""
    return re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)


def tool(package, path):
    made = subprocess.run([REPOSITORY / "scripts/from-debian", package, path], stdout=subprocess.PIPE, text=True)
    assert made.returncode == 0, f"{package} cannot be had"
    return made.stdout.strip()


@functools.cache
def program():
    """The program without what only a debugger reads, where it can be taken out: pages and images copy it many times."""
    small = Path(tempfile.mkdtemp(prefix="kagiban-program-")) / "kagiban"
    atexit.register(shutil.rmtree, small.parent)
    stripped = shutil.which("strip") and subprocess.run(["strip", "-o", small, subject.binary()]).returncode == 0
    return small if stripped else subject.binary()


def podman():
    """A folder with podman and what it needs; a network with published ports needs netavark and iptables."""
    packages = ("podman", "crun", "netavark", "iptables")
    made = subprocess.run([REPOSITORY / "scripts/debian-layer", "podman", *packages], stdout=subprocess.PIPE, text=True)
    assert made.returncode == 0, "podman cannot be had"
    return made.stdout.strip()


# What installing the packages would have done; settings for what a copy of a machine cannot do, which are limits of cgroups and layers of
# files on layers of files; and the image that the Containerfile builds in: a shell with what deploy/rootfs calls, and a cargo whose
# build is done already. A step of a build runs in a chroot of its own, and the finished image as a container.
PODMAN_READY = """
    ln -sf iptables-nft /usr/sbin/iptables && ln -sf iptables-nft /usr/sbin/ip6tables
    rm -rf /etc/cni
    mkdir -p /etc/containers /var/lib/containers
    printf '%s\n' '[containers]' 'cgroups = "disabled"' 'log_driver = "k8s-file"' \
        '[engine]' 'cgroup_manager = "cgroupfs"' 'events_logger = "file"' >/etc/containers/containers.conf
    mount -t tmpfs containers /var/lib/containers
    base=/var/tmp/base
    for folder in bin lib lib64; do
        mkdir -p $base/usr/$folder
        [ ! -L /$folder ] || ln -s usr/$folder $base/$folder
    done
    for program in bash sh ldd install mkdir sed cp; do
        path=$(command -v $program)
        install -D "$path" "$base$path"
        { ldd "$path" 2>/dev/null | grep -o '/[^ ]*' || true; } | while read -r library; do
            [ ! -e "$library" ] || install -D "$library" "$base$library"
        done
    done
    install -D /etc/ssl/certs/ca-certificates.crt $base/etc/ssl/certs/ca-certificates.crt
    install -D target/release/kagiban $base/built
    install -D /dev/stdin $base/usr/local/bin/cargo <<'SCRIPT'
#!/bin/sh
[ "$*" = "build --release --locked --package kagiban" ] && install -D /built target/release/kagiban
SCRIPT
    tar --create --directory $base . | podman import - "$(sed -n 's/^ARG BUILDER=//p' deploy/Containerfile)"
    rm -r $base
"""


def copy_of_the_machine(with_podman=False):
    """With a checkout that was built, promtool, etcd, etcdctl and haproxy."""
    if reason := machine.missing():
        needs.do_without("machine", reason)
        pytest.skip(reason)
    etcd = subprocess.run([REPOSITORY / "scripts/etcd"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    files = {
        f"{FOLDER}/deploy": DEPLOY,
        f"{FOLDER}/.containerignore": REPOSITORY / ".containerignore",
        f"{FOLDER}/target/release/kagiban": program(),
        "/root/cluster.py": Path(__file__).with_name("cluster.py"),
        "/usr/local/bin/promtool": tool("prometheus", "usr/bin/promtool"),
        "/usr/local/bin/etcd": etcd,
        "/usr/local/bin/etcdctl": tool("etcd-client", "usr/bin/etcdctl"),
        **balancer.installed(),
    }
    return machine.Machine(files, FOLDER, podman() if with_podman else None)


@pytest.fixture(scope="module")
def copy():
    """The copy that the page is told to."""
    with copy_of_the_machine(with_podman=True) as copy:
        prepared = copy.run(PODMAN_READY)
        assert prepared.returncode == 0, prepared.stdout
        yield copy


@pytest.fixture
def empty_copy():
    """A copy that nobody was told anything."""
    with copy_of_the_machine() as copy:
        yield copy


MARK = "------ the end of block "


@pytest.fixture(scope="module")
def told(copy):
    """What each block of the page printed, in one shell, up to the first that failed."""
    wanted = [block for block in blocks() if not block.startswith(KUBECTL)]
    script = "export BUILDAH_ISOLATION=chroot\n" + "".join(f"eval {shlex.quote(block)}\necho; echo {shlex.quote(MARK + str(n))}\n" for n, block in enumerate(wanted))
    ran = copy.run(script, seconds=600)
    printed = re.split(rf"^{MARK}\d+$", ran.stdout, flags=re.M)
    failed = wanted[len(printed) - 1] if ran.returncode else None
    return dict(zip(wanted, printed)), failed


def test_every_command_of_the_page_is_run(copy, told):
    printed, failed = told
    if failed:
        log = copy.run("journalctl --no-pager --lines 40").stdout
        pytest.fail(f"{failed}\n=== printed\n{printed[failed]}\n=== log\n{log}")
    assert len(printed) + 1 == len(blocks()) > 20


def test_no_command_escapes():
    """Nothing that looks like a command stands outside of blocks that are run."""
    assert {language for language in re.findall(r"^```(\w*)$", PAGE, re.M)} == {"sh", ""}


@pytest.mark.parametrize("part", SEEN)
def test_commands_print_what_they_should(told, part):
    printed, _ = told
    (output,) = [output for block, output in printed.items() if part in block]
    for pattern in SEEN[part]:
        assert re.search(pattern, output, re.M), f"{pattern} in {output}"


def test_the_unit_is_as_closed_as_the_page_says(copy, told):
    (said,) = re.findall(r"gives it (\d\.\d) of 10", PAGE)
    found = copy.run("systemd-analyze security --no-pager kagiban").stdout
    (exposure,) = re.findall(r"Overall exposure level for kagiban.service: (\d\.\d)", found)
    assert float(exposure) <= float(said), found


def test_the_service_is_still_that_of_the_first_day(copy, told):
    """After drill, upgrade, disaster and the move to etcd the first ciphertext opens."""
    words = "aws kms decrypt --ciphertext-blob fileb:///root/drill.ciphertext --query Plaintext --output text | base64 --decode"
    place = "export AWS_ENDPOINT_URL=https://kms.example.com:4599 AWS_CA_BUNDLE=/etc/kagiban/authority.pem AWS_DEFAULT_REGION=eu-central-1"
    opened = copy.run(f"""{place}\neval "$(grep '^export ' /run/first-start)"\n{words}""")
    assert opened.stdout == "still there", opened.stdout


def test_the_container_keeps_what_it_is_told(copy, told):
    """It serves clients as the user of the image, and goes on with its data when it is stopped and started."""
    ran = copy.run("""
        export AWS_ENDPOINT_URL=https://kms.example.com:4600 AWS_CA_BUNDLE=/etc/kagiban/authority.pem AWS_DEFAULT_REGION=eu-central-1
        eval "$(grep '^export ' /run/container-start)"
        key=$(aws kms create-key --query KeyMetadata.KeyId --output text)
        aws kms encrypt --key-id "$key" --plaintext fileb://<(printf 'in a container') --query CiphertextBlob --output text |
            base64 --decode >/run/container.ciphertext
        podman restart kagiban
        curl --fail --silent --retry 30 --retry-connrefused --retry-all-errors --cacert $AWS_CA_BUNDLE $AWS_ENDPOINT_URL/readyz
        aws kms decrypt --ciphertext-blob fileb:///run/container.ciphertext --query Plaintext --output text | base64 --decode
        printf '\nuser %s\n' "$(stat --format %u /proc/"$(podman inspect --format '{{.State.Pid}}' kagiban)")"
        podman logs kagiban
    """)
    assert ran.returncode == 0, ran.stdout
    assert "in a container\nuser 10001\n" in ran.stdout, ran.stdout
    assert ran.stdout.count('"requests_cut":0') == 2, ran.stdout


def containerfile(instruction):
    """The arguments of an instruction, the same wherever it stands."""
    (found,) = set(re.findall(rf"^{instruction} (.*)$", (DEPLOY / "Containerfile").read_text(), re.M))
    return found


def test_the_image_serves_with_nothing_else_in_it(empty_copy):
    """What deploy/rootfs makes is all that the image has; it is run as the Containerfile says."""
    program = shlex.join(json.loads(containerfile("ENTRYPOINT")))
    server, data = json.loads(containerfile("CMD")), containerfile("VOLUME")
    inside = f"chroot --userspec={containerfile('USER')} /var/tmp/served {program}"
    ran = empty_copy.run(f"""
        deploy/rootfs target/release/kagiban /var/tmp/served
        {inside} init --data {data}/made >/dev/null
        systemd-run --quiet --unit=image {inside} {shlex.join(server)}/made --listen 127.0.0.1:4700
        curl --fail --silent --retry 30 --retry-max-time 20 --retry-connrefused http://127.0.0.1:4700/readyz
        ps -o uid= -p "$(systemctl show --property=MainPID --value image)"
        systemctl stop image
        find /var/tmp/served -type f -perm /111 -not -path '*/lib*' -printf '%P\\n'
    """)
    assert ran.returncode == 0, ran.stdout
    assert '"ready":true' in ran.stdout and "10001" in ran.stdout
    assert ran.stdout.splitlines()[-1] == "usr/local/bin/kagiban"


MANIFEST = [document for document in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()) if document]
VERSIONS = ("1.29", "1.34")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", MANIFEST, ids=lambda document: f"{document['kind']}-{document['metadata']['name']}")
def test_the_manifest_is_what_kubernetes_reads(document, version):
    kubernetes_validate.validate(document, version, strict=True)
    assert document["metadata"]["namespace"] == "kagiban"


def test_a_mistake_in_the_manifest_is_found():
    document = json.loads(json.dumps(MANIFEST[0]))
    document["spec"]["clusterIp"] = document["spec"].pop("clusterIP")
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, VERSIONS[-1], strict=True)


def pods():
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in MANIFEST if one["kind"] == "StatefulSet"}


def test_what_the_manifest_names_is_there():
    """Volumes, ports, selectors and the answers of probes."""
    for name, pod in pods().items():
        (container,) = pod["containers"]
        ports = {port["name"] for port in container["ports"]}
        (made,) = [one for one in MANIFEST if one["kind"] == "StatefulSet" and one["metadata"]["name"] == name]
        volumes = {volume["name"] for volume in [*pod["volumes"], *(claim["metadata"] for claim in made["spec"]["volumeClaimTemplates"])]}
        assert {mount["name"] for mount in container["volumeMounts"]} == volumes
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert container[probe]["httpGet"]["port"] in ports
        labels = made["spec"]["template"]["metadata"]["labels"]
        assert labels == made["spec"]["selector"]["matchLabels"] == {"app": name}
        for one in MANIFEST:
            if one["metadata"]["name"] == name and one["kind"] == "PodDisruptionBudget":
                assert one["spec"]["selector"]["matchLabels"] == labels
    probes = {pods()["kagiban"]["containers"][0][p]["httpGet"]["path"] for p in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {"/healthz", "/readyz"}


# Users, names and certificates as the page wants them; and kubectl with a cluster to speak to. A port is forwarded in its place, since what
# kubectl does for that needs a kubelet.
MADE = """
    install -m 0755 target/release/kagiban /usr/local/bin/kagiban
    useradd --uid 10001 --user-group kagiban && useradd --uid 10002 --user-group etcd
    names=DNS:localhost,DNS:kagiban.kagiban.svc
    for n in 0 1 2; do
        names=$names,DNS:etcd-$n.etcd.kagiban.svc
        echo 127.0.1.$((n + 1)) etcd-$n.etcd.kagiban.svc >>/etc/hosts
        echo 127.0.2.$((n + 1)) kagiban.kagiban.svc >>/etc/hosts
    done
    made="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl req -x509 $made -subj /CN=authority -addext keyUsage=critical,keyCertSign -keyout /run/ca.key -out ca.crt
    openssl req $made -subj /CN=pod -addext subjectAltName=$names -keyout tls.key -out /run/tls.csr
    openssl x509 -req -in /run/tls.csr -copy_extensions copy -CA ca.crt -CAkey /run/ca.key -out tls.crt
    cp tls.crt kagiban.crt && cp tls.key kagiban.key
    systemd-run --unit=cluster "$(command -v python)" /root/cluster.py 8001
    kubectl=$(command -v kubectl)
    kubectl config set-cluster here --server http://127.0.0.1:8001
    kubectl config set-context here --cluster here && kubectl config use-context here
    curl --fail --silent --retry 30 --retry-connrefused http://127.0.0.1:8001/version
    kubectl() {
        case "$*" in
            "--namespace kagiban port-forward pod/etcd-0 2379")
                exec systemd-socket-activate --listen=127.0.0.1:2379 /lib/systemd/systemd-socket-proxyd 127.0.1.1:2379 ;;
            *) "$kubectl" "$@" ;;
        esac
    }
"""


def test_what_kubectl_makes_of_the_manifest_is_a_deployment(empty_copy):
    """The page's commands, with a real kubectl and a stand-in for a cluster (cluster.py), which starts what the pods run: three members and
    three nodes. The second `apply` changes nothing of what the first one made."""
    (block,) = [block for block in blocks() if block.startswith(KUBECTL)]
    curl = "curl --fail --silent --cacert ca.crt"
    path = pods()["etcd"]["containers"][0]["livenessProbe"]["httpGet"]["path"]
    probes = [
        f"""{curl} 'http://127.0.1.{n}:2381{path}'
            {curl} --resolve kagiban.kagiban.svc:4599:127.0.2.{n} https://kagiban.kagiban.svc:4599/readyz
            {curl} http://127.0.2.{n}:9464/metrics"""
        for n in (1, 2, 3)
    ]
    ran = empty_copy.run(
        "\n".join([
            MADE,
            f"eval {shlex.quote(block)} >/run/told",
            "kill $!",
            *probes,
            """eval "$(grep '^export ' /run/told)" && export AWS_CA_BUNDLE=$PWD/ca.crt""",
            "kagiban nodes --endpoint https://kagiban.kagiban.svc:4599",
            # Each node makes backups of its own.
            *(f"timeout 20 sh -c 'until ls /var/lib/kagiban/{n}/backups/*.age; do sleep 0.1; done'" for n in range(3)),
            "kubectl get namespace kagiban --output 'jsonpath={.metadata.labels}'",
            "cat /run/told",
        ]),
        seconds=180,
    )
    log = "" if ran.returncode == 0 else empty_copy.run("journalctl --no-pager --lines 60").stdout
    assert ran.returncode == 0, ran.stdout[-3000:] + log
    assert ran.stdout.count('"ready":true') == ran.stdout.count("kagiban_store_healthy 1") == 3
    assert len(re.findall(r"kagiban-[012].*CURRENT|CURRENT.*kagiban-[012]", ran.stdout)) == 3, ran.stdout[-2000:]
    assert len(re.findall(r"^/var/lib/kagiban/[012]/backups/kagiban-\S+\.age$", ran.stdout, re.M)) == 3, ran.stdout[-2000:]
    assert '"pod-security.kubernetes.io/enforce":"restricted"' in ran.stdout
    for line in (
        "namespace/kagiban created",
        "secret/kagiban-root-key created",
        "statefulset.apps/etcd unchanged",
        "statefulset.apps/kagiban created",
        "networkpolicy.networking.k8s.io/kagiban created",
    ):
        assert line in ran.stdout, f"{line} in {ran.stdout}"
    assert ran.stdout.count("rolling update complete 3 pods") == 2, ran.stdout


RULES = yaml.safe_load((DEPLOY / "kagiban-rules.yml").read_text())["groups"][0]["rules"]
# Series that each alert must fire on, and minutes until it has.
FIRES = {
    "KagibanDown": ('up{job="kagiban"}', "0x30"),
    "KagibanAuditStopped": ("kagiban_audit_stopped", "1x30"),
    "KagibanStoreFails": ("kagiban_store_healthy", "0x30"),
    "KagibanBackupOld": ("kagiban_backup_newest_timestamp_seconds", "-200000x30"),
    "KagibanBackupFails": ("kagiban_backup_failures_total", "0 0 1x30"),
    "KagibanViewLags": ("kagiban_store_view_lag_seconds", "6x30"),
    "KagibanAuditNotDelivered": ('kagiban_audit_delivery_lag_seconds{target="t"}', "2000x30"),
    "KagibanAnchorFails": ('kagiban_audit_anchor_last_success_timestamp_seconds{anchor="a"}', "-8000x30"),
    "KagibanEventsWait": ("kagiban_events_dead_letters_total", "0x20 1x10"),
    "KagibanKeyMaterialExpires": ('kagiban_seconds_until_key_material_expiration{key_arn="k"}', "86400x30"),
    "KagibanThrottles": ('kagiban_requests_total{operation="Encrypt",code="ThrottlingException"}', "0+200x30"),
    "KagibanInternalErrors": ('kagiban_requests_total{operation="Encrypt",code="KMSInternalException"}', "0+1x30"),
    "KagibanUnavailable": ('kagiban_requests_total{operation="Encrypt",code="ServiceUnavailableException"}', "0+1x30"),
    "KagibanDeniedMoreThanUsual": ('kagiban_requests_total{operation="Encrypt",code="AccessDeniedException"}', "0+200x30"),
    "KagibanSlow": ('kagiban_request_duration_seconds_bucket{operation="Decrypt",le="+Inf"}', "0+10x30"),
    "KagibanFilesShort": ('process_open_fds{job="kagiban"}', "90x30"),
}
# What is there as well, so that an alert has something to compare with.
BESIDE = {
    "KagibanSlow": [
        ('kagiban_request_duration_seconds_bucket{operation="Decrypt",le="0.05"}', "0+1x30"),
        ('kagiban_request_duration_seconds_bucket{operation="Decrypt",le="0.1"}', "0+10x30"),
    ],
    "KagibanFilesShort": [('process_max_fds{job="kagiban"}', "100x30")],
}
# A deployment in order.
QUIET = [
    ('up{job="kagiban"}', "1x30"),
    ("kagiban_audit_stopped", "0x30"),
    ("kagiban_store_healthy", "1x30"),
    ("kagiban_store_view_lag_seconds", "0x30"),
    ("kagiban_backup_newest_timestamp_seconds", "0x30"),
    ("kagiban_backup_failures_total", "0x30"),
    ("kagiban_events_dead_letters_total", "3x30"),
    ('kagiban_requests_total{operation="Encrypt",code="OK"}', "0+600x30"),
    ('kagiban_requests_total{operation="Encrypt",code="AccessDeniedException"}', "0+1x30"),
    ('process_open_fds{job="kagiban"}', "50x30"),
    ('process_max_fds{job="kagiban"}', "100x30"),
]


def series(rows):
    return [{"series": name, "values": values} for name, values in rows]


def firing(alert):
    """What promtool is to find when this alert's series is there: the alert, with its text; looked at after 25 minutes."""
    return {
        "interval": "1m",
        "input_series": series([FIRES[alert], *BESIDE.get(alert, [])]),
        "promql_expr_test": [
            {
                "expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
                "eval_time": "25m",
                "exp_samples": [{"labels": "{}", "value": 1}],
            }
        ],
    }


def promtool_tests(path, tests):
    path.write_text(json.dumps({"rule_files": [str(DEPLOY / "kagiban-rules.yml")], "evaluation_interval": "1m", "tests": tests}))
    return subprocess.run([tool("prometheus", "usr/bin/promtool"), "test", "rules", path], capture_output=True, text=True)


def test_each_alert_fires_and_none_when_all_is_well(tmp_path):
    assert {rule["alert"] for rule in RULES} == FIRES.keys()
    ran = promtool_tests(tmp_path / "fires.yml", [firing(alert) for alert in FIRES])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    nothing = {"expr": "ALERTS", "eval_time": "25m", "exp_samples": []}
    ran = promtool_tests(tmp_path / "quiet.yml", [{"interval": "1m", "input_series": series(QUIET), "promql_expr_test": [nothing]}])
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_alerts_are_about_metrics_that_there_are_and_the_page_explains_each():
    """docs/metrics.md is held to what the server prints by a test of its own."""
    listed = set(re.findall(r"^\| `(\w+)`", (REPOSITORY / "docs/metrics.md").read_text(), re.M)) | {"up"}
    for rule in RULES:
        names = set(re.findall(r"\b(?:kagiban|process)_\w+|\bup\b", rule["expr"]))
        assert names and {name.removesuffix("_bucket") for name in names} <= listed, rule["alert"]
        assert re.search(rf"^\| .*\b{rule['alert']}\b", PAGE, re.M), rule["alert"]
