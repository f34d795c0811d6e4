"""The fields that Kubernetes knows, of the kinds and as deep as the chart uses them (kubernetes.io/docs/reference/kubernetes-api): a slip
in a name would be ignored by the server. A field that is not here is added after a look into that reference."""

ANY = object()
QUANTITIES = {"cpu": ANY, "memory": ANY}
METADATA = {"name!": str, "labels": {"*": str}, "annotations": {"*": str}}
POD_METADATA = {"labels!": {"*": str}, "annotations": {"*": str}}
SELECTOR = {"matchLabels": {"*": str}, "matchExpressions": [{"key!": str, "operator!": str, "values": [str]}]}
HTTP_PROBE = {"httpGet!": {"path": str, "port!": str}, "periodSeconds": int, "timeoutSeconds": int, "failureThreshold": int}
CONTAINER = {
    "name!": str, "image!": str, "imagePullPolicy": str, "args": [str],
    "env": [{"name!": str, "value": str, "valueFrom": {"fieldRef": {"fieldPath!": str}}}],
    "ports": [{"name": str, "containerPort!": int}],
    "startupProbe": HTTP_PROBE, "livenessProbe": HTTP_PROBE, "readinessProbe": HTTP_PROBE,
    "lifecycle": {"preStop": {"exec": {"command!": [str]}}},
    "resources": {"requests": QUANTITIES, "limits": QUANTITIES},
    "securityContext": {"allowPrivilegeEscalation": bool, "readOnlyRootFilesystem": bool, "capabilities": {"drop": [str]}},
    "volumeMounts": [{"name!": str, "mountPath!": str, "subPath": str, "readOnly": bool}],
}
VOLUME = {
    "name!": str, "configMap": {"name!": str}, "emptyDir": {"sizeLimit": str}, "persistentVolumeClaim": {"claimName!": str},
    "secret": {"secretName!": str, "defaultMode": int, "items": [{"key!": str, "path!": str}]},
}
POD = {
    "terminationGracePeriodSeconds": int, "automountServiceAccountToken": bool, "enableServiceLinks": bool,
    "securityContext": {"runAsNonRoot": bool, "runAsUser": int, "runAsGroup": int, "fsGroup": int, "seccompProfile": {"type!": str}},
    "imagePullSecrets": [{"name!": str}], "priorityClassName": str, "nodeSelector": {"*": str},
    "tolerations": [{"key": str, "operator": str, "value": str, "effect": str}],
    "topologySpreadConstraints": [{"maxSkew!": int, "topologyKey!": str, "whenUnsatisfiable!": str, "labelSelector": SELECTOR}],
    "containers!": [CONTAINER], "volumes": [VOLUME],
}
TEMPLATE = {"metadata!": POD_METADATA, "spec!": POD}
PEERS = [{"podSelector": SELECTOR, "namespaceSelector": SELECTOR, "ipBlock": {"cidr!": str}}]
PORTS = [{"port": ANY, "protocol": str}]

KINDS = {
    ("v1", "ConfigMap"): {"data": {"*": str}},
    ("v1", "Service"): {"spec!": {"type": str, "clusterIP": str, "publishNotReadyAddresses": bool, "selector": {"*": str},
                                  "ports!": [{"name": str, "port!": int, "targetPort": str}]}},
    ("apps/v1", "StatefulSet"): {"spec!": {"replicas": int, "serviceName!": str, "podManagementPolicy": str, "selector!": SELECTOR,
                                           "template!": TEMPLATE}},
    ("apps/v1", "Deployment"): {"spec!": {"replicas": int, "strategy": {"rollingUpdate": {"maxSurge": int, "maxUnavailable": int}},
                                          "selector!": SELECTOR, "template!": TEMPLATE}},
    ("policy/v1", "PodDisruptionBudget"): {"spec!": {"maxUnavailable": int, "unhealthyPodEvictionPolicy": str, "selector!": SELECTOR}},
    ("autoscaling/v2", "HorizontalPodAutoscaler"): {
        "spec!": {"scaleTargetRef!": {"apiVersion": str, "kind!": str, "name!": str}, "minReplicas": int, "maxReplicas!": int,
                  "metrics": [{"type!": str, "resource": {"name!": str, "target!": {"type!": str, "averageUtilization": int}}}]}},
    ("networking.k8s.io/v1", "NetworkPolicy"): {"spec!": {"podSelector!": SELECTOR, "policyTypes": [str],
                                                          "ingress": [{"from": PEERS, "ports": PORTS}],
                                                          "egress": [{"to": PEERS, "ports": PORTS}]}},
    ("networking.k8s.io/v1", "Ingress"): {
        "spec!": {"ingressClassName": str, "tls": [{"hosts": [str], "secretName": str}],
                  "rules": [{"host": str, "http": {"paths!": [{"path": str, "pathType!": str, "backend!": {
                      "service": {"name!": str, "port": {"name": str}}}}]}}]}},
}


def problems(document):
    """What is wrong with an object, a line each."""
    kind = document.get("apiVersion"), document.get("kind")
    if kind not in KINDS:
        return [f"{kind} is no kind that this check knows"]
    known = {"apiVersion!": str, "kind!": str, "metadata!": METADATA, **KINDS[kind]}
    return list(differences(document, known, ""))


def differences(value, known, place):
    if known is ANY:
        return
    if isinstance(known, type):
        # A bool is an int for Python, and no number for Kubernetes.
        if not isinstance(value, known) or (known is int and isinstance(value, bool)):
            yield f"{place}: {value!r} is no {known.__name__}"
    elif isinstance(known, list):
        if not isinstance(value, list):
            yield f"{place}: it is no list"
            return
        for number, part in enumerate(value):
            yield from differences(part, known[0], f"{place}[{number}]")
    elif not isinstance(value, dict):
        yield f"{place}: it is no object"
    elif "*" in known:
        for name, part in value.items():
            yield from differences(part, known["*"], f"{place}.{name}")
    else:
        fields = {name.rstrip("!"): part for name, part in known.items()}
        for name, part in value.items():
            if name in fields:
                yield from differences(part, fields[name], f"{place}.{name}")
            else:
                yield f"{place}.{name}: there is no such field"
        for name in known:
            if name.endswith("!") and name.rstrip("!") not in value:
                yield f"{place}.{name.rstrip('!')}: it is missing"
