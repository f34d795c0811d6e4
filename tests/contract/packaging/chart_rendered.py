"""The Helm chart, rendered by helm or by render.go, and what its pods get: for chart.py and chart_runs.py."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import jsonschema
import yaml

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
# Where Debian's packages have the sources that render.go imports.
GO_SOURCES = "/usr/share/gocode"
RELEASE, NAMESPACE = "shop", "orders"


class UniqueKeys(yaml.SafeLoader):
    """YAML in which no key stands twice, as Kubernetes demands and PyYAML does not."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        doubled = {key for key in keys if keys.count(key) > 1}
        if doubled:
            raise yaml.YAMLError(f"line {node.start_mark.line}: {doubled} stand twice")
        return super().construct_mapping(node, deep)


def read_yaml(text):
    return list(yaml.load_all(text, UniqueKeys))


def merged(base, over):
    """As helm merges values: objects by key, and a null takes a key away."""
    result = dict(base)
    for key, value in over.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


class Chart:
    def __init__(self, root, work):
        self.folder = pathlib.Path(root) / "packaging/helm/waybill"
        self.work = pathlib.Path(work)
        self.helm = shutil.which("helm")
        self.about = read_yaml((self.folder / "Chart.yaml").read_text(encoding="utf-8"))[0]
        self.defaults = read_yaml((self.folder / "values.yaml").read_text(encoding="utf-8"))[0]
        self.schema = json.loads((self.folder / "values.schema.json").read_text(encoding="utf-8"))
        if not self.helm:
            self.program = self._build()

    def _build(self):
        if not shutil.which("go") or not pathlib.Path(GO_SOURCES, "src/github.com/Masterminds/sprig").is_dir():
            print("skipped: there is neither helm nor golang-go with golang-github-masterminds-sprig-dev")
            sys.exit(SKIPPED)
        program = self.work / "render"
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": GO_SOURCES, "GOCACHE": str(self.work / "cache"), "GOFLAGS": "",
                       "CGO_ENABLED": "0"}
        subprocess.run(["go", "build", "-o", str(program), str(HERE / "render.go")], check=True, env=environment)
        return program

    def lint(self):
        if self.helm:
            subprocess.run([self.helm, "lint", "--strict", str(self.folder)], check=True)

    def problems_of(self, values):
        """What the schema of the values says."""
        return [f"{'.'.join(map(str, error.path))}: {error.message}"
                for error in jsonschema.Draft7Validator(self.schema).iter_errors(merged(self.defaults, values))]

    def render(self, values):
        """The documents, and what is shown at the end, which helm tells only with a cluster. Raises ValueError with what helm would
        say."""
        problems = self.problems_of(values)
        if problems:
            raise ValueError("; ".join(problems))
        files = self._by_helm(values) if self.helm else self._by_go(values)
        documents = [document for name, text in sorted(files.items()) if not name.endswith(".txt")
                     for document in read_yaml(text) if document is not None]
        return documents, files.get("waybill/templates/NOTES.txt")

    def _by_go(self, values):
        about = {key[0].upper() + key[1:]: value for key, value in self.about.items()}
        given = {"chart": about, "values": merged(self.defaults, values),
                 "release": {"Name": RELEASE, "Namespace": NAMESPACE, "Service": "Helm"},
                 "files": {f"waybill/templates/{path.name}": path.read_text(encoding="utf-8")
                           for path in (self.folder / "templates").iterdir()}}
        done = subprocess.run([self.program], input=json.dumps(given), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ValueError(done.stderr.strip())
        return json.loads(done.stdout)

    def _by_helm(self, values):
        given = self.work / "values.yaml"
        given.write_text(json.dumps(values), encoding="utf-8")
        words = [self.helm, "template", RELEASE, str(self.folder), "--namespace", NAMESPACE, "--values", str(given)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ValueError(done.stderr.strip())
        return {"manifest.yaml": done.stdout}


def workloads(documents):
    return [document for document in documents if document["kind"] in ("Deployment", "StatefulSet")]


def named(documents, kind, name):
    found = [document for document in documents if document["kind"] == kind and document["metadata"]["name"] == name]
    return found[0] if found else None


class Pod:
    """A pod of a workload, as processes on one machine see it: below `folder` lies what is mounted, paths lead there."""

    def __init__(self, workload, documents, secrets, folder, name, address):
        self.workload, self.name, self.address = workload, name, address
        self.spec = workload["spec"]["template"]["spec"]
        self.container = self.spec["containers"][0]
        self.folder = pathlib.Path(folder)
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        for mount in self.container["volumeMounts"]:
            self._fill(volumes[mount["name"]], mount, documents, secrets)

    def inside(self, text):
        """`text` with the paths of the container turned into those of this machine."""
        return text.replace("/etc/waybill/", f"{self.folder}/etc/waybill/")

    def _fill(self, volume, mount, documents, secrets):
        place = pathlib.Path(self.inside(mount["mountPath"] + "/").rstrip("/"))
        if "configMap" in volume:
            files = {key: self.inside(text)
                     for key, text in named(documents, "ConfigMap", volume["configMap"]["name"])["data"].items()}
        elif "secret" in volume:
            values = secrets[volume["secret"]["secretName"]]
            files = {item["path"]: values[item["key"]] for item in volume["secret"]["items"]}
        else:
            return
        if "subPath" in mount:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(files[mount["subPath"]], encoding="utf-8")
            return
        place.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (place / name).write_text(text, encoding="utf-8")

    def environment(self):
        """As kubelet makes it: fields of the pod, and $(NAME) of variables that stand before."""
        fields = {"metadata.name": self.name, "status.podIP": self.address}
        made = {}
        for entry in self.container["env"]:
            value = entry.get("value")
            if value is None:
                value = fields[entry["valueFrom"]["fieldRef"]["fieldPath"]]
            for known, text in made.items():
                value = value.replace(f"$({known})", text)
            made[entry["name"]] = self.inside(value)
        return made

    def ports(self):
        return {port["name"]: port["containerPort"] for port in self.container["ports"]}


def secrets_for(root, work, store):
    """The Secrets that docs/operations.md makes, with certificates of docker/certificates.sh."""
    folder = pathlib.Path(work) / "certificates"
    subprocess.run([f"{root}/docker/certificates.sh", f"--authority={work}/authority", str(folder), "waybill"], check=True,
                   stdout=subprocess.DEVNULL)
    certificates = {key: (folder / name).read_text(encoding="utf-8")
                    for key, name in (("ca.crt", "ca.pem"), ("tls.crt", "waybill.pem"), ("tls.key", "waybill.key"))}
    return {"waybill-database": {"url": store}, "waybill-nodes": certificates,
            "waybill-admin": {"password": "correct horse battery staple"},
            "waybill-payment": {"secret": "a secret of the test, long enough", "callback-secret": "whsec_" + "A" * 32},
            "waybill-sources": {"source": "amqp://waybill:secret@127.0.0.1:9?queue=orders", "source-key": "wbk_" + "A" * 32}}
