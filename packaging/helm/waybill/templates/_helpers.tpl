{{/* The name that all objects begin with; 35 characters leave room for a role, and for what StatefulSets add. */}}
{{- define "waybill.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 35 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 35 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 35 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* What selects all pods of the release. */}}
{{- define "waybill.release" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of an object. */}}
{{- define "waybill.labels" -}}
{{ include "waybill.release" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{/* An address with a port, in brackets for IPv6: (dict "address" "::" "port" 4100). */}}
{{- define "waybill.endpoint" -}}
{{- if contains ":" .address }}[{{ .address }}]{{ else }}{{ .address }}{{ end }}:{{ .port }}
{{- end -}}

{{/* The value of an option as the program reads it: YAML reads on and off as booleans, and all numbers as floating ones. */}}
{{- define "waybill.option" -}}
{{- if kindIs "bool" . }}{{ ternary "on" "off" . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}
{{- else }}{{ . }}
{{- end -}}
{{- end -}}

{{/* The file that all nodes read. */}}
{{- define "waybill.conf" -}}
listen = {{ include "waybill.endpoint" (dict "address" .Values.listenAddress "port" 4100) }}
http = {{ include "waybill.endpoint" (dict "address" .Values.listenAddress "port" 4000) }}
# Probes and metrics.
ops = {{ include "waybill.endpoint" (dict "address" .Values.listenAddress "port" 4090) }}
ops-public = on
auth = required
store-file = /etc/waybill/secrets/database/url
cluster-tls-ca = /etc/waybill/secrets/cluster/ca.crt
cluster-tls-certificate = /etc/waybill/secrets/cluster/tls.crt
cluster-tls-key = /etc/waybill/secrets/cluster/tls.key
{{- if .Values.payment.url }}
payment-provider = http
payment-url = {{ .Values.payment.url }}
payment-secret-file = /etc/waybill/secrets/payment/secret
payment-callback-secret-file = /etc/waybill/secrets/payment/callback-secret
{{- end }}
{{- range $name, $value := .Values.config }}
{{ $name }} = {{ include "waybill.option" $value }}
{{- end }}
{{- end -}}

{{/* The roles of the workload `name` with the settings `node`, with commas between. */}}
{{- define "waybill.roles" -}}
{{- .node.roles | default (list .name) | join "," -}}
{{- end -}}

{{/* The selector of a workload: (dict "root" $ "name" "order"). */}}
{{- define "waybill.selector" -}}
{{ include "waybill.release" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end -}}
