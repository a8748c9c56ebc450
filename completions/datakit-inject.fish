complete -c datakit-inject -s f -l filename -d 'The same as a PATH, for kubectl\'s habit' -r -F
complete -c datakit-inject -l exclude -d 'Leave paths out; * stays inside a name, ** crosses folders' -r -F
complete -c datakit-inject -l pod-template -d 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template' -r -f
complete -c datakit-inject -s c -l config -d 'The operator\'s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)' -r -F
complete -c datakit-inject -s n -l namespace -d 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]' -r -f
complete -c datakit-inject -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -l only -d 'Make these injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -l skip -d 'Leave these injections out' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -s o -l output -d 'Convert the output [default: each document stays what it was]' -r -f -a "yaml\t'JSON documents become YAML'
json\t'YAML documents become JSON'"
complete -c datakit-inject -l output-dir -d 'Write the tree below DIR instead' -r -f -a "(__fish_complete_directories)"
complete -c datakit-inject -s j -l jobs -d 'Worker threads [default: as many as the machine has]' -r -f
complete -c datakit-inject -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -l allow-empty -d 'Take a directory without manifests for an empty input'
complete -c datakit-inject -s i -l in-place -d 'Rewrite the files that change: all of them, or none where one fails'
complete -c datakit-inject -l diff -d 'Print a unified diff instead of manifests'
complete -c datakit-inject -l check -d 'Write no manifests; exit 1 where something would change'
complete -c datakit-inject -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -s V -l version -d 'Print version'
