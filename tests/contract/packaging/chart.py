#!/usr/bin/env python3
"""Checks the Helm chart: chart.py <waybill binary> <source folder>

It is rendered with several sets of values, by helm where there is one (helm lint then, too), else by render.go. What comes out must have
the fields that Kubernetes knows (kinds.py), refer to what is there, keep to the Pod Security Standard `restricted`, and give every pod
options that the program takes. Skipped (77) where neither helm nor Go is.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

import kinds
from chart_rendered import Chart, Pod, named, secrets_for, workloads

ALL_ROLES = {"gateway", "order", "payment", "inventory", "delivery", "notification", "account", "function", "relay"}
STORE = "postgresql://waybill:secret@database/waybill"

EVERYTHING = {
    "image": {"repository": "registry.example/waybill", "tag": "1.2.3", "pullPolicy": "Always"},
    "imagePullSecrets": [{"name": "registry"}], "fullnameOverride": "a-name-that-is-as-long-as-it-may-be",
    "payment": {"url": "https://payments.example/waybill", "existingSecret": "waybill-payment"},
    "sources": {"existingSecret": "waybill-sources"},
    "config": {"order-grace": "2m", "courier-pool": "real", "http-max-buffered": 536870912, "trace-ratio": 0.01, "audit": False,
               "trusted-proxies": "10.0.0.0/8"},
    "gateway": {"autoscaling": {"enabled": True}},
    "ingress": {"enabled": True, "className": "nginx", "host": "shop.example", "tlsSecret": "shop-tls",
                "annotations": {"example.com/size": "1m"}},
    "service": {"type": "LoadBalancer", "annotations": {"example.com/internal": "true"}},
    "networkPolicy": {"httpFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}],
                      "opsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
                      "shellFrom": [{"podSelector": {"matchLabels": {"role": "operator"}}}],
                      "databaseTo": [{"ipBlock": {"cidr": "10.9.0.0/24"}}],
                      "egress": [{"ports": [{"port": 4318}]}]},
    "extraVolumes": [{"name": "events", "persistentVolumeClaim": {"claimName": "events"}}],
    "extraVolumeMounts": [{"name": "events", "mountPath": "/var/lib/waybill/events"}],
    "podAnnotations": {"example.com/scrape": "true"}, "podLabels": {"team": "shop"}, "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "shop", "operator": "Exists"}], "priorityClassName": "high",
}
FEW_NODES = {
    "nodes": {"order": {"replicas": 1, "roles": ["order", "payment", "inventory", "delivery", "notification", "account"]},
              **{role: {"replicas": 0} for role in ("payment", "inventory", "delivery", "notification", "account")}},
    "gateway": {"replicas": 1}, "listenAddress": "::", "networkPolicy": {"enabled": False}, "disruptionBudget": {"enabled": False},
    "ingress": {"enabled": True},
}
VARIANTS = {"the defaults": {}, "everything": EVERYTHING, "few nodes": FEW_NODES}

# Values that must be refused, and what the answer must say.
REFUSED = [
    ({"databse": {}}, "databse"),
    ({"nodes": {"order": {"replicas": -1}}}, "replicas"),
    ({"nodes": {"gateway": {"replicas": 1}}}, "gateway"),
    ({"nodes": {"order": {"replicas": 1, "roles": ["baker"]}}}, "baker"),
    ({"config": {"store": STORE}}, "store"),
    ({"config": {"admin-password": "in the open"}}, "admin-password"),
    ({"config": {"listen": "0.0.0.0:1"}}, "listen"),
    ({"config": {"source": "amqp://waybill:secret@queue"}}, "source"),
    ({"database": {"url": STORE}}, "url"),
    ({"nodes": {"payment": {"replicas": 0}}}, "nobody has the role payment"),
    ({"payment": {"url": "https://payments.example/waybill"}}, "payment.existingSecret"),
]


class Checker:
    def __init__(self):
        self.failures, self.place = [], ""

    def expect(self, holds, claim):
        if not holds:
            self.failures.append(f"{self.place}: {claim}")

    # -- what refers to what ---------------------------------------------------------------------------------------------

    def references(self, documents):
        pods = [workload["spec"]["template"] for workload in workloads(documents)]
        labels = [pod["metadata"]["labels"] for pod in pods]
        ports_of = [{port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0]["ports"]} for pod in pods]

        def selected(selector):
            return [i for i, own in enumerate(labels) if selects(selector, own)]

        names = [(document["kind"], document["metadata"]["name"]) for document in documents]
        self.expect(len(names) == len(set(names)), "two objects have one name")
        for document in documents:
            kind, name, spec = document["kind"], document["metadata"]["name"], document.get("spec", {})
            self.place = f"{kind} {name}"
            longest = 52 if kind == "StatefulSet" else 63
            self.expect(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) and len(name) <= longest, "it is no name for this kind")
            for problem in kinds.problems(document):
                self.expect(False, problem)
            if kind in ("StatefulSet", "Deployment"):
                self.expect(selects(spec["selector"], spec["template"]["metadata"]["labels"]), "it does not select its own pods")
                self.expect(len(selected(spec["selector"])) == 1, "it selects pods of others")
                self.pod(spec["template"]["spec"], documents)
            if kind == "StatefulSet":
                service = named(documents, "Service", spec["serviceName"])
                self.expect(service and service["spec"].get("clusterIP") == "None", "its service is no headless one")
            if kind == "Service":
                chosen = selected({"matchLabels": spec["selector"]})
                self.expect(chosen, "it selects no pod")
                for port in spec["ports"]:
                    self.expect(all(port["targetPort"] in ports_of[i] for i in chosen), f"its pods have no port {port['targetPort']}")
            if kind == "PodDisruptionBudget":
                self.expect(len(selected(spec["selector"])) == 1, "it does not select the pods of one workload")
            if kind == "NetworkPolicy":
                self.policy(spec, selected, ports_of)
            if kind == "HorizontalPodAutoscaler":
                target = named(documents, spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
                self.expect(target and "replicas" not in target["spec"], "its target is not there, or has a number of its own")
                self.expect(spec["minReplicas"] <= spec["maxReplicas"], "its bounds contradict each other")
            if kind == "Ingress":
                for rule in spec["rules"]:
                    backend = rule["http"]["paths"][0]["backend"]["service"]
                    service = named(documents, "Service", backend["name"])
                    self.expect(service and backend["port"]["name"] in [port["name"] for port in service["spec"]["ports"]],
                                "its service is not there")
            self.expect(kind != "Secret", "a chart must not make secrets")

    def policy(self, spec, selected, ports_of):
        chosen = selected(spec["podSelector"])
        self.expect(chosen, "it selects no pod")
        for rule in spec.get("ingress", []):
            for port in rule["ports"]:
                self.expect(all(port["port"] in ports_of[i] for i in chosen), f"its pods have no port {port['port']}")

    def pod(self, spec, documents):
        container = spec["containers"][0]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.expect(container[probe]["httpGet"]["port"] in ports, f"{probe}: there is no such port")
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        mounts = [mount["name"] for mount in container["volumeMounts"]]
        self.expect(set(mounts) == set(volumes), "volumes and mounts differ")
        for volume in volumes.values():
            if "configMap" in volume:
                self.expect(named(documents, "ConfigMap", volume["configMap"]["name"]), f"volume {volume['name']}: no such ConfigMap")
        for entry in container["env"]:
            in_the_open = re.search(r"PASSWORD$|SECRET$|STORE$|PASSPHRASE$|KEYS$", entry["name"])
            self.expect(not in_the_open, f"{entry['name']} is a secret in the open")
        # The Pod Security Standard `restricted` (kubernetes.io/docs/concepts/security/pod-security-standards).
        own = container["securityContext"]
        self.expect(spec["securityContext"]["runAsNonRoot"] is True and spec["securityContext"]["runAsUser"] > 0, "it may run as root")
        self.expect(spec["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault", "it has no seccomp profile")
        self.expect(own["allowPrivilegeEscalation"] is False and own["capabilities"]["drop"] == ["ALL"], "it may get rights")
        self.expect(own["readOnlyRootFilesystem"] is True, "it may write its image")
        self.expect(spec["enableServiceLinks"] is False, "variables of Services would be taken for options")
        self.expect(spec["automountServiceAccountToken"] is False, "it has a token that it does not need")
        self.expect("memory" in container["resources"]["limits"] and "cpu" in container["resources"]["requests"], "it has no resources")

    # -- what the program says -------------------------------------------------------------------------------------------

    def options(self, binary, documents, secrets, work):
        """Every pod's configuration, as the program reads it."""
        roles = set()
        for number, workload in enumerate(workloads(documents)):
            self.place = workload["metadata"]["name"]
            name = f"{self.place}-0"
            v6 = "[::]" in named(documents, "ConfigMap", workload["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"])["data"][
                "waybill.conf"]
            address = "fd00::7" if v6 else "10.0.0.7"
            pod = Pod(workload, documents, secrets, work / f"pod-{number}", name, address)
            dump = self.dump(binary, pod)
            if not dump:
                continue
            roles |= set(dump["role"].split(","))
            self.expect(dump["name"] == name, f"its node has another name, {dump['name']}")
            self.expect(dump["advertise"] == (f"[{address}]" if v6 else address) + ":4100", f"it advertises {dump['advertise']}")
            listeners = {"nodes": "listen", "ops": "ops", "http": "http"}
            for port, number_of in pod.ports().items():
                self.expect(dump[listeners[port]].endswith(f":{number_of}"), f"its port {port} is not that of {listeners[port]}")
            self.expect(dump["auth"] == "required", "it serves without tokens")
            limit_s = seconds(dump["shutdown-timeout"])
            patience_s = int(re.search(r"seq (\d+)", pod.container["lifecycle"]["preStop"]["exec"]["command"][-1])[1])
            self.expect(pod.spec["terminationGracePeriodSeconds"] > limit_s + patience_s, "it is killed before it may have ended")
            self.expect(("gateway" in dump["role"]) == ("http" in pod.ports()), "the port of clients is open where no gateway is")
        self.place = "the chart"
        self.expect(roles == ALL_ROLES, f"the roles of its nodes are {roles}")

    def documented(self, defaults, text):
        """The Secrets that docs/operations.md makes are those that the chart looks for."""
        self.place = "docs/operations.md"
        keys = {"database": [defaults["database"]["key"]], "cluster": ["ca.crt", "tls.crt", "tls.key"], "admin": ["password"]}
        for use, names in keys.items():
            secret = defaults[use]["existingSecret"]
            made = re.search(rf"create secret generic {secret} ((?:[^\n\\]|\\\n)+)", text)
            self.expect(made, f"it does not make the Secret {secret}")
            for name in names if made else ():
                self.expect(f"--from-file={name}=" in made[1], f"its Secret {secret} has no {name}")

    def dump(self, binary, pod):
        environment = pod.environment()
        for command in ("check", "dump"):
            done = subprocess.run([binary, "config", command, *pod.container["args"][1:]], env=environment, capture_output=True, text=True,
                                  check=False)
            self.expect(done.returncode == 0, f"waybill config {command}: {done.stderr.strip()}")
            if done.returncode != 0:
                return {}
        lines = [line.partition(" = ") for line in done.stdout.splitlines()]
        return {name: value.rpartition("  # ")[0] for name, _, value in lines}


def selects(selector, labels):
    wanted = selector.get("matchLabels", {})
    within = selector.get("matchExpressions", [])
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        rule["operator"] == "In" and labels.get(rule["key"]) in rule["values"] for rule in within)


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h)", text).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[unit]


def main():
    binary, root = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        chart, check = Chart(root, work), Checker()
        chart.lint()
        secrets = secrets_for(root, work, STORE)
        for name, values in VARIANTS.items():
            documents, notes = chart.render(values)
            check.references(documents)
            check.options(binary, documents, secrets, work / name.replace(" ", "-"))
            check.place = name
            if notes is not None:
                check.expect("kubectl" in notes and "{{" not in notes, "the notes tell nothing")
                check.expect(("trusted-proxies" in notes) == (name == "few nodes"), "the notes do not warn of what is missing")
            print(f"{name}: {len(documents)} objects")
        for values, said in REFUSED:
            check.place = str(values)
            try:
                chart.render(values)
                check.expect(False, "it is not refused")
            except ValueError as problem:
                # helm says the same in other words.
                check.expect(chart.helm or said in str(problem), f"it is refused with {problem}")
        # An option that the program does not know must be found by what was done above.
        documents, _ = chart.render({"config": {"order-grase": "2m"}})
        slip = Checker()
        slip.dump(binary, Pod(workloads(documents)[0], documents, secrets, work / "slip", "slip-0", "10.0.0.7"))
        check.place = "config.order-grase"
        check.expect("unrecognised option 'order-grase'" in "".join(slip.failures), "a slip in the name of an option was not found")
        check.documented(chart.defaults, (root / "docs/operations.md").read_text(encoding="utf-8"))
        version = re.search(r"project\(waybill VERSION ([0-9.]+)", (root / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        user = re.search(r"useradd --system --uid (\d+) waybill", (root / "docker/Dockerfile").read_text(encoding="utf-8"))[1]
        check.place = "values.yaml"
        check.expect(chart.defaults["userId"] == int(user), f"the image's user is {user}")
        check.place = "Chart.yaml"
        check.expect(chart.about["version"] == chart.about["appVersion"] == version, f"the version is not {version}")
    print(*check.failures, sep="\n", end="\n" if check.failures else "")
    print(f"by {'helm' if chart.helm else 'render.go'}: {len(check.failures)} failures")
    sys.exit(1 if check.failures else 0)


if __name__ == "__main__":
    main()
