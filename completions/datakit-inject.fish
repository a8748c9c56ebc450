# Whether the first word is one of these.
function __datakit_inject_first
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end
# Whether the second word is one of these.
function __datakit_inject_second
    set -l words (commandline -opc)
    test (count $words) -ge 3; and contains -- $words[3] $argv
end
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s f -l filename -d 'The same as a PATH, for kubectl\'s habit' -r -F
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l exclude -d 'Leave paths out; * stays inside a name, ** crosses folders' -r -F
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l pod-template -d 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template' -r -f
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l limit -d 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M' -r -f
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s c -l config -d 'The operator\'s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)' -r -F
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s n -l namespace -d 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]' -r -f
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l only -d 'These injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l skip -d 'Leave these injections out' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s o -l output -d 'Convert the output [default: each document stays what it was]' -r -f -a "yaml\t'JSON documents become YAML'
json\t'YAML documents become JSON'"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l output-dir -d 'Write the tree below DIR instead' -r -f -a "(__fish_complete_directories)"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s j -l jobs -d 'Worker threads [default: as many as the machine has]' -r -f
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l previous-config -d 'With --refresh or --check: the configuration that injections were made with before, which tells the variables that it set from yours' -r -F
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l report -d 'The form of the report' -r -f -a "text\t'Lines for people'
json\t'One JSON object'
github\t'Workflow commands for GitHub Actions'
sarif\t'SARIF 2.1.0'
gitlab\t'A code quality report for GitLab'
none\t'Errors alone, as text'"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l report-file -d 'Write the report to a file, in the form of --report; standard error keeps the text' -r -F
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l allow-empty -d 'Take a directory without manifests for an empty input'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s i -l in-place -d 'Rewrite the files that change: all of them, or none where one fails'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l diff -d 'Print a unified diff instead of manifests'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l check -d 'Write no manifests; exit 1 where something would change'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l require-injected -d 'With --check: exit 1 as well where an injection that a pod template or a rule asks for is not there and cannot be made'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l refresh -d 'Replace injections that were made with another configuration: another image, other variables'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "not __datakit_inject_first explain remove preflight config install-plugin" -s V -l version -d 'Print version'
complete -c datakit-inject -n "test (count (commandline -opc)) -eq 1" -a explain -d 'Say for each workload and each injection what happens, and why'
complete -c datakit-inject -n "__datakit_inject_first explain" -s f -l filename -d 'The same as a PATH, for kubectl\'s habit' -r -F
complete -c datakit-inject -n "__datakit_inject_first explain" -l exclude -d 'Leave paths out; * stays inside a name, ** crosses folders' -r -F
complete -c datakit-inject -n "__datakit_inject_first explain" -l pod-template -d 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template' -r -f
complete -c datakit-inject -n "__datakit_inject_first explain" -l limit -d 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M' -r -f
complete -c datakit-inject -n "__datakit_inject_first explain" -s c -l config -d 'The operator\'s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)' -r -F
complete -c datakit-inject -n "__datakit_inject_first explain" -s n -l namespace -d 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]' -r -f
complete -c datakit-inject -n "__datakit_inject_first explain" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "__datakit_inject_first explain" -l only -d 'These injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first explain" -l skip -d 'Leave these injections out' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first explain" -l workload -d 'Explain these workloads only: deployment/web, prod/deployment/web, or web; wildcards are * and ?' -r -f
complete -c datakit-inject -n "__datakit_inject_first explain" -l injection -d 'Explain these injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first explain" -s o -l output -d 'The form of the explanation' -r -f -a "text\t'A tree for people'
json\t'One JSON object'"
complete -c datakit-inject -n "__datakit_inject_first explain" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first explain" -s j -l jobs -d 'Worker threads [default: as many as the machine has]' -r -f
complete -c datakit-inject -n "__datakit_inject_first explain" -l allow-empty -d 'Take a directory without manifests for an empty input'
complete -c datakit-inject -n "__datakit_inject_first explain" -s v -l verbose -d 'Name every rule that was asked and every label, however many there are'
complete -c datakit-inject -n "__datakit_inject_first explain" -l strict -d 'Take a warning for an error: exit 3, nothing explained'
complete -c datakit-inject -n "__datakit_inject_first explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "test (count (commandline -opc)) -eq 1" -a remove -d 'Take injections out of manifests again'
complete -c datakit-inject -n "__datakit_inject_first remove" -s f -l filename -d 'The same as a PATH, for kubectl\'s habit' -r -F
complete -c datakit-inject -n "__datakit_inject_first remove" -l exclude -d 'Leave paths out; * stays inside a name, ** crosses folders' -r -F
complete -c datakit-inject -n "__datakit_inject_first remove" -l pod-template -d 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template' -r -f
complete -c datakit-inject -n "__datakit_inject_first remove" -l limit -d 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M' -r -f
complete -c datakit-inject -n "__datakit_inject_first remove" -s c -l config -d 'The operator\'s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)' -r -F
complete -c datakit-inject -n "__datakit_inject_first remove" -s n -l namespace -d 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]' -r -f
complete -c datakit-inject -n "__datakit_inject_first remove" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "__datakit_inject_first remove" -l only -d 'These injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first remove" -l skip -d 'Leave these injections out' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first remove" -s o -l output -d 'Convert the output [default: each document stays what it was]' -r -f -a "yaml\t'JSON documents become YAML'
json\t'YAML documents become JSON'"
complete -c datakit-inject -n "__datakit_inject_first remove" -l output-dir -d 'Write the tree below DIR instead' -r -f -a "(__fish_complete_directories)"
complete -c datakit-inject -n "__datakit_inject_first remove" -s j -l jobs -d 'Worker threads [default: as many as the machine has]' -r -f
complete -c datakit-inject -n "__datakit_inject_first remove" -l report -d 'The form of the report' -r -f -a "text\t'Lines for people'
json\t'One JSON object'
github\t'Workflow commands for GitHub Actions'
sarif\t'SARIF 2.1.0'
gitlab\t'A code quality report for GitLab'
none\t'Errors alone, as text'"
complete -c datakit-inject -n "__datakit_inject_first remove" -l report-file -d 'Write the report to a file, in the form of --report; standard error keeps the text' -r -F
complete -c datakit-inject -n "__datakit_inject_first remove" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first remove" -l allow-empty -d 'Take a directory without manifests for an empty input'
complete -c datakit-inject -n "__datakit_inject_first remove" -s i -l in-place -d 'Rewrite the files that change: all of them, or none where one fails'
complete -c datakit-inject -n "__datakit_inject_first remove" -l diff -d 'Print a unified diff instead of manifests'
complete -c datakit-inject -n "__datakit_inject_first remove" -l check -d 'Write no manifests; exit 1 where something would change'
complete -c datakit-inject -n "__datakit_inject_first remove" -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -n "__datakit_inject_first remove" -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -n "__datakit_inject_first remove" -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -n "__datakit_inject_first remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "test (count (commandline -opc)) -eq 1" -a preflight -d 'Check that what injections rely on is there'
complete -c datakit-inject -n "__datakit_inject_first preflight" -s f -l filename -d 'The same as a PATH, for kubectl\'s habit' -r -F
complete -c datakit-inject -n "__datakit_inject_first preflight" -l exclude -d 'Leave paths out; * stays inside a name, ** crosses folders' -r -F
complete -c datakit-inject -n "__datakit_inject_first preflight" -l pod-template -d 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template' -r -f
complete -c datakit-inject -n "__datakit_inject_first preflight" -l limit -d 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M' -r -f
complete -c datakit-inject -n "__datakit_inject_first preflight" -s c -l config -d 'The operator\'s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)' -r -F
complete -c datakit-inject -n "__datakit_inject_first preflight" -s n -l namespace -d 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]' -r -f
complete -c datakit-inject -n "__datakit_inject_first preflight" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "__datakit_inject_first preflight" -l only -d 'These injections only' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first preflight" -l skip -d 'Leave these injections out' -r -f -a "(__fish_append , ddtrace\t'The ddtrace library' otel\t'The OpenTelemetry agent' logfwd\t'The log sidecar' flameshot\t'The flameshot sidecar' profiler\t'The profiler sidecar' logging\t'The annotation that steers log collection')"
complete -c datakit-inject -n "__datakit_inject_first preflight" -s o -l output -d 'The form of the result' -r -f -a "text\t'Lines for people'
json\t'One JSON object'"
complete -c datakit-inject -n "__datakit_inject_first preflight" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first preflight" -s j -l jobs -d 'Worker threads [default: as many as the machine has]' -r -f
complete -c datakit-inject -n "__datakit_inject_first preflight" -l allow-empty -d 'Take a directory without manifests for an empty input'
complete -c datakit-inject -n "__datakit_inject_first preflight" -l strict -d 'Exit 3 where something cannot be told, or there was a warning'
complete -c datakit-inject -n "__datakit_inject_first preflight" -s q -l quiet -d 'Tell only what fails and what cannot be told'
complete -c datakit-inject -n "__datakit_inject_first preflight" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "test (count (commandline -opc)) -eq 1" -a config -d 'Check, print or convert the operators configuration'
complete -c datakit-inject -n "__datakit_inject_first config; and test (count (commandline -opc)) -eq 2" -f -s h -l help -d 'Print help'
complete -c datakit-inject -n "__datakit_inject_first config; and test (count (commandline -opc)) -eq 2" -f -a check -d 'Find what is wrong with a configuration'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -s c -l config -d 'The operator\'s configuration, where no PATH is given' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -l report -d 'The form of the report' -r -f -a "text\t'Lines for people'
json\t'One JSON object'
github\t'Workflow commands for GitHub Actions'
sarif\t'SARIF 2.1.0'
gitlab\t'A code quality report for GitLab'
none\t'Errors alone, as text'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -l report-file -d 'Write the report to a file, in the form of --report; standard error keeps the text' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "__datakit_inject_first config; and test (count (commandline -opc)) -eq 2" -f -a show -d 'Print the configuration in force'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -s c -l config -d 'The operator\'s configuration, where no PATH is given' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -l operator-version -d 'The release whose reading of the configuration to follow [default: by its keys]' -r -f -a "1.5\t'Releases 1.4 to 1.6: admission_inject'
1.9\t'Release 1.9: admission_inject_v2'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -s o -l output -d 'What is printed' -r -f -a "json\t'A configuration with the same effect'
text\t'The rules in the order in which they are asked'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -l report -d 'The form of the report' -r -f -a "text\t'Lines for people'
json\t'One JSON object'
github\t'Workflow commands for GitHub Actions'
sarif\t'SARIF 2.1.0'
gitlab\t'A code quality report for GitLab'
none\t'Errors alone, as text'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -l report-file -d 'Write the report to a file, in the form of --report; standard error keeps the text' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "__datakit_inject_first config; and test (count (commandline -opc)) -eq 2" -f -a migrate -d 'Carry a configuration over to release 1.9'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -s c -l config -d 'The operator\'s configuration, where no PATH is given' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l report -d 'The form of the report' -r -f -a "text\t'Lines for people'
json\t'One JSON object'
github\t'Workflow commands for GitHub Actions'
sarif\t'SARIF 2.1.0'
gitlab\t'A code quality report for GitLab'
none\t'Errors alone, as text'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l report-file -d 'Write the report to a file, in the form of --report; standard error keeps the text' -r -F
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l color -d 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l as-1.9 -d 'Keep the effect that release 1.9 gives the old configuration, not the one it was written for'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -s i -l in-place -d 'Rewrite the file, where it changes'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l diff -d 'Print a unified diff instead of the configuration'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l check -d 'Write nothing; exit 1 where something would change'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -l strict -d 'Take a warning for an error: exit 3, nothing written'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -s q -l quiet -d 'Report warnings and errors only'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -s v -l verbose -d 'Report every document, also those left alone'
complete -c datakit-inject -n "__datakit_inject_first config; and __datakit_inject_second migrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "test (count (commandline -opc)) -eq 1" -a install-plugin -d 'Put this program where another one looks for its plugins'
complete -c datakit-inject -n "__datakit_inject_first install-plugin" -l plugin-home -d 'The folder of plugins [default: where kustomize looks]' -r -f -a "(__fish_complete_directories)"
complete -c datakit-inject -n "__datakit_inject_first install-plugin" -l copy -d 'Copy the program instead of linking it'
complete -c datakit-inject -n "__datakit_inject_first install-plugin" -l force -d 'Take the place of what is there, whatever it is'
complete -c datakit-inject -n "__datakit_inject_first install-plugin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c datakit-inject -n "__datakit_inject_first install-plugin" -f -a kustomize -d 'kustomize and kubectl kustomize'
