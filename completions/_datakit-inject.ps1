
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'datakit-inject' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'datakit-inject'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'datakit-inject' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave paths out; * stays inside a name, ** crosses folders')
            [CompletionResult]::new('--pod-template', '--pod-template', [CompletionResultType]::ParameterName, 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'These injections only')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave these injections out')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Convert the output [default: each document stays what it was]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Convert the output [default: each document stays what it was]')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write the tree below DIR instead')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--previous-config', '--previous-config', [CompletionResultType]::ParameterName, 'With --refresh or --check: the configuration that injections were made with before, which tells the variables that it set from yours')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The form of the report')
            [CompletionResult]::new('--report-file', '--report-file', [CompletionResultType]::ParameterName, 'Write the report to a file, in the form of --report; standard error keeps the text')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Take a directory without manifests for an empty input')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Rewrite the files that change: all of them, or none where one fails')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Rewrite the files that change: all of them, or none where one fails')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Print a unified diff instead of manifests')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write no manifests; exit 1 where something would change')
            [CompletionResult]::new('--require-injected', '--require-injected', [CompletionResultType]::ParameterName, 'With --check: exit 1 as well where an injection that a pod template or a rule asks for is not there and cannot be made')
            [CompletionResult]::new('--refresh', '--refresh', [CompletionResultType]::ParameterName, 'Replace injections that were made with another configuration: another image, other variables')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say for each workload and each injection what happens, and why')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take injections out of manifests again')
            [CompletionResult]::new('preflight', 'preflight', [CompletionResultType]::ParameterValue, 'Check that what injections rely on is there')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Check, print or convert the operator''s configuration')
            [CompletionResult]::new('install-plugin', 'install-plugin', [CompletionResultType]::ParameterValue, 'Put this program where another one looks for its plugins')
            break
        }
        'datakit-inject;explain' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave paths out; * stays inside a name, ** crosses folders')
            [CompletionResult]::new('--pod-template', '--pod-template', [CompletionResultType]::ParameterName, 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'These injections only')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave these injections out')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'Explain these workloads only: deployment/web, prod/deployment/web, or web; wildcards are * and ?')
            [CompletionResult]::new('--injection', '--injection', [CompletionResultType]::ParameterName, 'Explain these injections only')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of the explanation')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of the explanation')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Take a directory without manifests for an empty input')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Name every rule that was asked and every label, however many there are')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Name every rule that was asked and every label, however many there are')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing explained')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;remove' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave paths out; * stays inside a name, ** crosses folders')
            [CompletionResult]::new('--pod-template', '--pod-template', [CompletionResultType]::ParameterName, 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'These injections only')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave these injections out')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Convert the output [default: each document stays what it was]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Convert the output [default: each document stays what it was]')
            [CompletionResult]::new('--output-dir', '--output-dir', [CompletionResultType]::ParameterName, 'Write the tree below DIR instead')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The form of the report')
            [CompletionResult]::new('--report-file', '--report-file', [CompletionResultType]::ParameterName, 'Write the report to a file, in the form of --report; standard error keeps the text')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Take a directory without manifests for an empty input')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Rewrite the files that change: all of them, or none where one fails')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Rewrite the files that change: all of them, or none where one fails')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Print a unified diff instead of manifests')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write no manifests; exit 1 where something would change')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;preflight' {
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--filename', '--filename', [CompletionResultType]::ParameterName, 'The same as a PATH, for kubectl''s habit')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave paths out; * stays inside a name, ** crosses folders')
            [CompletionResult]::new('--pod-template', '--pod-template', [CompletionResultType]::ParameterName, 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Take more, or less, than usual: input-size, files, total-size, documents, document-size, values, anchors, alias-values or alias-size, for example document-size=512M')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'These injections only')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave these injections out')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Worker threads [default: as many as the machine has]')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Take a directory without manifests for an empty input')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Exit 3 where something cannot be told, or there was a warning')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Tell only what fails and what cannot be told')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Tell only what fails and what cannot be told')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;config' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find what is wrong with a configuration')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration in force')
            [CompletionResult]::new('migrate', 'migrate', [CompletionResultType]::ParameterValue, 'Carry a configuration over to release 1.9')
            break
        }
        'datakit-inject;config;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The form of the report')
            [CompletionResult]::new('--report-file', '--report-file', [CompletionResultType]::ParameterName, 'Write the report to a file, in the form of --report; standard error keeps the text')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;config;show' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--operator-version', '--operator-version', [CompletionResultType]::ParameterName, 'The release whose reading of the configuration to follow [default: by its keys]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'What is printed')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'What is printed')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The form of the report')
            [CompletionResult]::new('--report-file', '--report-file', [CompletionResultType]::ParameterName, 'Write the report to a file, in the form of --report; standard error keeps the text')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;config;migrate' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The operator''s configuration, where no PATH is given')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'The form of the report')
            [CompletionResult]::new('--report-file', '--report-file', [CompletionResultType]::ParameterName, 'Write the report to a file, in the form of --report; standard error keeps the text')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto')
            [CompletionResult]::new('--as-1.9', '--as-1.9', [CompletionResultType]::ParameterName, 'Keep the effect that release 1.9 gives the old configuration, not the one it was written for')
            [CompletionResult]::new('-i', '-i', [CompletionResultType]::ParameterName, 'Rewrite the file, where it changes')
            [CompletionResult]::new('--in-place', '--in-place', [CompletionResultType]::ParameterName, 'Rewrite the file, where it changes')
            [CompletionResult]::new('--diff', '--diff', [CompletionResultType]::ParameterName, 'Print a unified diff instead of the configuration')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Write nothing; exit 1 where something would change')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Take a warning for an error: exit 3, nothing written')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Report warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Report every document, also those left alone')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'datakit-inject;install-plugin' {
            [CompletionResult]::new('--plugin-home', '--plugin-home', [CompletionResultType]::ParameterName, 'The folder of plugins [default: where kustomize looks]')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Copy the program instead of linking it')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Take the place of what is there, whatever it is')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
