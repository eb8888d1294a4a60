"""A stand-in for a cluster, as far as docs/operating.md asks one: kubectl speaks to it, objects are held to Kubernetes's own schema and kept,
and the pods of a StatefulSet are started with systemd-run, each at an address of its own, with its secrets where the pod would have them.
There is no scheduler, no admission, no network and no image here. Runs in a copy of a machine (machine.py), as root.

    python cluster.py PORT
"""

import base64
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import kubernetes_validate

VERSION = "1.34"
# Kind, plural and whether it lives in a namespace, by group and version.
KINDS = {
    "v1": [("Namespace", "namespaces", False), ("Secret", "secrets", True), ("Service", "services", True), ("Pod", "pods", True)],
    "apps/v1": [("StatefulSet", "statefulsets", True)],
    "policy/v1": [("PodDisruptionBudget", "poddisruptionbudgets", True)],
    "networking.k8s.io/v1": [("NetworkPolicy", "networkpolicies", True)],
}
# Second number of the addresses that pods of a set have: 127.0.NETWORK.NUMBER.
NETWORKS = {"etcd": 1, "kagiban": 2}
READY_SECONDS = 60
PACKED = b"k8s\0"
OBJECTS = {}
LOCK = threading.Lock()


def root_of(version):
    return f"/api/{version}" if version == "v1" else f"/apis/{version}"


def resources(version):
    verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
    listed = [{"name": plural, "singularName": kind.lower(), "namespaced": spaced, "kind": kind, "verbs": verbs} for kind, plural, spaced in KINDS[version]]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}


def groups():
    made = []
    for version in KINDS:
        if "/" in version:
            one = {"groupVersion": version, "version": version.rpartition("/")[2]}
            made.append({"name": version.partition("/")[0], "versions": [one], "preferredVersion": one})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": made}


def openapi(version):
    """As much as kubectl looks for: that the server checks members itself."""
    paths = {}
    for kind, plural, spaced in KINDS[version]:
        group, _, number = version.rpartition("/")
        path = f"{root_of(version)}/{'namespaces/{namespace}/' if spaced else ''}{plural}/{{name}}"
        named = {"group": group, "version": number, "kind": kind}
        said = [{"name": "fieldValidation", "in": "query", "schema": {"type": "string"}}]
        paths[path] = {"patch": {"parameters": said, "x-kubernetes-group-version-kind": named, "responses": {}}}
    return {"openapi": "3.0.0", "info": {"title": "cluster", "version": VERSION}, "paths": paths, "components": {"schemas": {}}}


FIXED = {
    "/version": {"major": "1", "minor": VERSION.partition(".")[2], "gitVersion": f"v{VERSION}.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": groups(),
    "/openapi/v3": {"paths": {root_of(v)[1:]: {"serverRelativeURL": f"/openapi/v3{root_of(v)}"} for v in KINDS}},
    **{root_of(version): resources(version) for version in KINDS},
    **{f"/openapi/v3{root_of(version)}": openapi(version) for version in KINDS},
}


class Refused(Exception):
    def __init__(self, code, reason, message):
        super().__init__(message)
        self.status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}


class Cluster(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, asked = self._asked()
        if path in FIXED:
            return self._answer(200, FIXED[path])
        version, plural, name = self._place(path)
        if name:
            return self._carried_out(lambda: found(path))
        chosen = asked.get("fieldSelector", [""])[0].removeprefix("metadata.name=")
        if "watch" in asked:
            return self._watch(path, chosen)
        items = [one for at, one in sorted(OBJECTS.items()) if at.startswith(f"{path}/") and at.endswith(chosen)]
        for one in items:
            until_ready(one)
        (kind,) = [kind for kind, other, _ in KINDS[version] if other == plural]
        self._answer(200, {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": items})

    def do_POST(self):
        path, _ = self._asked()
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        body = unpacked(sent) if sent.startswith(PACKED) else json.loads(sent)
        self._carried_out(lambda: created(path, body), 201)

    def do_PATCH(self):
        path, _ = self._asked()
        change = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._carried_out(lambda: patched(path, change))

    def _asked(self):
        parts = urllib.parse.urlsplit(self.path)
        return parts.path, urllib.parse.parse_qs(parts.query)

    def _place(self, path):
        for version in KINDS:
            if parts := re.fullmatch(rf"{root_of(version)}/(?:namespaces/[^/]+/)?({'|'.join(p for _, p, _ in KINDS[version])})(?:/([^/]+))?", path):
                return version, *parts.groups()
        return None, None, path

    def _carried_out(self, work, code=200):
        try:
            self._answer(code, work())
        except Refused as refused:
            self._answer(refused.status["code"], refused.status)

    def _watch(self, path, name):
        """Says nothing new until the client has had enough."""
        if "sendInitialEvents" in self.path:
            return self._answer(400, Refused(400, "BadRequest", "no such watches here").status)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        time.sleep(READY_SECONDS)

    def _answer(self, code, document):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def fields(packed):
    """Numbers and values of a message of protobuf's; of the kinds of values that are asked for here."""
    at = 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            at += 1
            value |= (packed[at - 1] & 0x7F) << shift
            if packed[at - 1] < 0x80:
                return value
            shift += 7

    while at < len(packed):
        tag = number()
        value = number()
        if tag & 7 == 2:
            value, at = packed[at : at + value], at + value
        yield tag >> 3, value


def unpacked(sent):
    """The namespace or secret in kubectl's other encoding, which it makes these in: type, and the object with metadata, data and type."""
    envelope = dict(fields(sent.removeprefix(PACKED)))
    named = dict(fields(envelope[1]))
    document = {"apiVersion": named[1].decode(), "kind": named[2].decode()}
    for number, value in fields(envelope[2]):
        if number == 1:
            metadata = dict(fields(value))
            document["metadata"] = {"name": metadata[1].decode()} | ({"namespace": metadata[3].decode()} if metadata.get(3) else {})
        elif document["kind"] == "Secret" and number == 2:
            entry = dict(fields(value))
            document.setdefault("data", {})[entry[1].decode()] = base64.b64encode(entry[2]).decode()
        elif document["kind"] == "Secret" and number == 3:
            document["type"] = value.decode()
    return document


def found(path):
    if path not in OBJECTS:
        raise Refused(404, "NotFound", f"{path} is not there")
    return OBJECTS[path]


def created(path, document):
    try:
        kubernetes_validate.validate(document, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        raise Refused(422, "Invalid", str(error.message)) from error
    space = re.search("/namespaces/([^/]+)/", path)
    with LOCK:
        if space and f"/api/v1/namespaces/{space[1]}" not in OBJECTS:
            raise Refused(404, "NotFound", f"there is no namespace {space[1]}")
        at = f"{path}/{document['metadata']['name']}"
        if at in OBJECTS:
            raise Refused(409, "AlreadyExists", f"{at} is there")
        document["metadata"] |= {"uid": at, "resourceVersion": "1", "generation": 1}
        OBJECTS[at] = document
    if document["kind"] == "StatefulSet":
        document["spec"].setdefault("updateStrategy", {"type": "RollingUpdate"})  # what a cluster takes it for
        started(document)
    return document


def patched(path, change):
    document = found(path)
    merge(document, change)
    return document


def merge(document, change):
    for name, value in change.items():
        if isinstance(value, dict) and isinstance(document.get(name), dict):
            merge(document[name], value)
        elif value is None:
            document.pop(name, None)
        else:
            document[name] = value


def started(made):
    """Starts the pods of a set: the container's command, as the pod's user."""
    name, pod = made["metadata"]["name"], made["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    user = pod["securityContext"]["runAsUser"]
    secrets(pod, container, made["metadata"]["namespace"])
    for number in range(made["spec"]["replicas"]):
        address = f"127.0.{NETWORKS[name]}.{number + 1}"
        folder = f"/var/lib/{name}/{number}"
        os.makedirs(folder, mode=0o700)
        os.chown(folder, user, user)
        words = shlex.join([*container.get("command", ["/usr/local/bin/kagiban"]), *container["args"]])
        own = {"0.0.0.0": address, f"/var/lib/{name}/data": folder} | {f"$({v['name']})": f"{name}-{number}" for v in container["env"]}
        for there, here in own.items():
            words = words.replace(there, here)
        unit = ["systemd-run", f"--unit={name}-{number}", f"--property=User={user}", "--property=Restart=on-failure"]
        subprocess.run([*unit, "--property=RestartSec=1", *shlex.split(words)], check=True)
        pod_made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{name}-{number}"}, "spec": pod, "status": {"phase": "Running"}}
        OBJECTS[f"/api/v1/namespaces/kagiban/pods/{name}-{number}"] = pod_made


def secrets(pod, container, space):
    """Files as secrets are in a pod: root's, and readable by the pod's group."""
    mounts = {mount["name"]: Path(mount["mountPath"]) for mount in container["volumeMounts"]}
    for volume in pod["volumes"]:
        folder = mounts[volume["name"]]
        folder.mkdir(parents=True)
        for file, content in OBJECTS[f"/api/v1/namespaces/{space}/secrets/{volume['secret']['secretName']}"]["data"].items():
            (folder / file).write_bytes(base64.b64decode(content))
            os.chown(folder / file, 0, pod["securityContext"]["fsGroup"])
            (folder / file).chmod(volume["secret"]["defaultMode"])


def until_ready(made):
    """Waits for the readiness probes of a set's pods, and writes down that they are."""
    if made["kind"] != "StatefulSet" or "status" in made:
        return
    name, count = made["metadata"]["name"], made["spec"]["replicas"]
    (container,) = made["spec"]["template"]["spec"]["containers"]
    asked = container["readinessProbe"]["httpGet"]
    (port,) = [port["containerPort"] for port in container["ports"] if port["name"] == asked["port"]]
    for number in range(count):
        url = f"{asked.get('scheme', 'http').lower()}://127.0.{NETWORKS[name]}.{number + 1}:{port}{asked['path']}"
        # As a kubelet, which does not look at the certificate of what it asks.
        probe = ["curl", "--insecure", "--fail", "--silent", "--retry", "60", "--retry-delay", "1", "--retry-all-errors", url]
        subprocess.run(probe, check=True, stdout=subprocess.DEVNULL)
    counts = {word: count for word in ("replicas", "readyReplicas", "updatedReplicas", "currentReplicas", "availableReplicas")}
    made["status"] = {"observedGeneration": 1, "currentRevision": "1", "updateRevision": "1", **counts}


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Cluster).serve_forever()
