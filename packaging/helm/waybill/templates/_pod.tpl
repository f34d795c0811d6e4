{{/*
The pod of a workload: (dict "root" $ "name" "order" "node" <its settings> "replicas" 2).
Everything but its name and its address is in the file, so that `kubectl exec <pod> -- waybill shell` and `waybill health` need no
option. The order of the variables matters: $(POD_IP) must stand before what uses it.
*/}}
{{- define "waybill.pod" -}}
{{- $values := .root.Values -}}
{{- $full := include "waybill.fullname" .root -}}
metadata:
  labels:
    {{- include "waybill.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    # A change of the configuration restarts the pods, one after the other.
    waybill/configuration: {{ include "waybill.conf" .root | sha256sum }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
  automountServiceAccountToken: false
  # The variables of a Service named waybill-... would be taken for misspelt options.
  enableServiceLinks: false
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ $values.userId }}
    runAsGroup: {{ $values.userId }}
    # Who may read the secrets.
    fsGroup: {{ $values.userId }}
    seccompProfile: {type: RuntimeDefault}
  {{- with $values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # The nodes of one role on different machines, as far as there are so many.
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "waybill.selector" . | nindent 10 }}
  containers:
    - name: waybill
      image: "{{ $values.image.repository }}:{{ $values.image.tag | default .root.Chart.AppVersion }}"
      imagePullPolicy: {{ $values.image.pullPolicy }}
      args: [node]
      env:
        - name: POD_IP
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
        - name: WAYBILL_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        - name: WAYBILL_ADVERTISE
          value: {{ include "waybill.endpoint" (dict "address" (ternary "$(POD_IP)" "[$(POD_IP)]" (not (contains ":" $values.listenAddress))) "port" 4100) | quote }}
        - name: WAYBILL_ROLE
          value: {{ include "waybill.roles" . }}
        - name: WAYBILL_CONFIG
          value: /etc/waybill/waybill.conf
        {{- if eq .name "gateway" }}
        - name: WAYBILL_ADMIN_EMAIL
          value: {{ $values.admin.email | quote }}
        - name: WAYBILL_ADMIN_PASSWORD_FILE
          value: /etc/waybill/secrets/admin/password
        {{- if $values.sources.existingSecret }}
        - name: WAYBILL_SOURCE_FILE
          value: /etc/waybill/secrets/sources/source
        - name: WAYBILL_SOURCE_KEY_FILE
          value: /etc/waybill/secrets/sources/source-key
        {{- end }}
        {{- end }}
      ports:
        - {name: nodes, containerPort: 4100}
        - {name: ops, containerPort: 4090}
        {{- if eq .name "gateway" }}
        - {name: http, containerPort: 4000}
        {{- end }}
      # The first start makes the tables; a later one may bring them up to date.
      startupProbe:
        httpGet: {path: /healthz, port: ops}
        periodSeconds: 2
        failureThreshold: 150
      livenessProbe:
        httpGet: {path: /healthz, port: ops}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      # Ready: the database answers and every role can be reached. So a rollout stops where the cluster is not whole.
      readinessProbe:
        httpGet: {path: /readyz, port: ops}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      lifecycle:
        preStop:
          exec:
            # SIGTERM, which comes behind it, would drain the node just as well. This waits until another node has the role, as far
            # as there is time: exit code 1 says that the drain was refused.
            command:
              - sh
              - -c
              - |
                for _ in $(seq {{ ternary 1 $values.drain.patienceSeconds (eq (int .replicas) 1) }}); do
                  waybill shell -c "drain $WAYBILL_NAME"
                  [ $? = 1 ] || exit 0
                  sleep 1
                done
                exit 0
      resources:
        {{- toYaml (.node.resources | default $values.resources) | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      volumeMounts:
        - {name: configuration, mountPath: /etc/waybill/waybill.conf, subPath: waybill.conf, readOnly: true}
        - {name: database, mountPath: /etc/waybill/secrets/database, readOnly: true}
        - {name: cluster, mountPath: /etc/waybill/secrets/cluster, readOnly: true}
        {{- if eq .name "gateway" }}
        - {name: admin, mountPath: /etc/waybill/secrets/admin, readOnly: true}
        {{- if $values.sources.existingSecret }}
        - {name: sources, mountPath: /etc/waybill/secrets/sources, readOnly: true}
        {{- end }}
        {{- end }}
        {{- if $values.payment.url }}
        - {name: payment, mountPath: /etc/waybill/secrets/payment, readOnly: true}
        {{- end }}
        - {name: tmp, mountPath: /tmp}
        {{- with $values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: configuration
      configMap: {name: {{ $full }}}
    - name: database
      secret:
        secretName: {{ $values.database.existingSecret }}
        defaultMode: 0440
        items: [{key: {{ $values.database.key }}, path: url}]
    - name: cluster
      secret:
        secretName: {{ $values.cluster.existingSecret }}
        defaultMode: 0440
        items: [{key: ca.crt, path: ca.crt}, {key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]
    {{- if eq .name "gateway" }}
    - name: admin
      secret:
        secretName: {{ $values.admin.existingSecret }}
        defaultMode: 0440
        items: [{key: password, path: password}]
    {{- if $values.sources.existingSecret }}
    - name: sources
      secret:
        secretName: {{ $values.sources.existingSecret }}
        defaultMode: 0440
        items: [{key: source, path: source}, {key: source-key, path: source-key}]
    {{- end }}
    {{- end }}
    {{- if $values.payment.url }}
    - name: payment
      secret:
        secretName: {{ required "payment.existingSecret: a provider needs its secrets" $values.payment.existingSecret }}
        defaultMode: 0440
        items: [{key: secret, path: secret}, {key: callback-secret, path: callback-secret}]
    {{- end }}
    - name: tmp
      emptyDir: {sizeLimit: 64Mi}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
