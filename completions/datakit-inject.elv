
use builtin;
use str;

set edit:completion:arg-completer[datakit-inject] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'datakit-inject'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'datakit-inject'= {
            cand -f 'The same as a PATH, for kubectl''s habit'
            cand --filename 'The same as a PATH, for kubectl''s habit'
            cand --exclude 'Leave paths out; * stays inside a name, ** crosses folders'
            cand --pod-template 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template'
            cand -c 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)'
            cand --config 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)'
            cand -n 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]'
            cand --namespace 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]'
            cand --operator-version 'The release whose reading of the configuration to follow [default: by its keys]'
            cand --only 'These injections only'
            cand --skip 'Leave these injections out'
            cand -o 'Convert the output [default: each document stays what it was]'
            cand --output 'Convert the output [default: each document stays what it was]'
            cand --output-dir 'Write the tree below DIR instead'
            cand -j 'Worker threads [default: as many as the machine has]'
            cand --jobs 'Worker threads [default: as many as the machine has]'
            cand --previous-config 'With --refresh or --check: the configuration that injections were made with before, which tells the variables that it set from yours'
            cand --report 'The form of the report'
            cand --report-file 'Write the report to a file, in the form of --report; standard error keeps the text'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto'
            cand --allow-empty 'Take a directory without manifests for an empty input'
            cand -i 'Rewrite the files that change: all of them, or none where one fails'
            cand --in-place 'Rewrite the files that change: all of them, or none where one fails'
            cand --diff 'Print a unified diff instead of manifests'
            cand --check 'Write no manifests; exit 1 where something would change'
            cand --require-injected 'With --check: exit 1 as well where an injection that a pod template or a rule asks for is not there and cannot be made'
            cand --refresh 'Replace injections that were made with another configuration: another image, other variables'
            cand --strict 'Take a warning for an error: exit 3, nothing written'
            cand -q 'Report warnings and errors only'
            cand --quiet 'Report warnings and errors only'
            cand -v 'Report every document, also those left alone'
            cand --verbose 'Report every document, also those left alone'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand remove 'Take injections out of manifests again'
            cand install-plugin 'Put this program where another one looks for its plugins'
        }
        &'datakit-inject;remove'= {
            cand -f 'The same as a PATH, for kubectl''s habit'
            cand --filename 'The same as a PATH, for kubectl''s habit'
            cand --exclude 'Leave paths out; * stays inside a name, ** crosses folders'
            cand --pod-template 'A further kind that carries a pod template, for example OpenGaussCluster.opengauss.sig=spec.template'
            cand -c 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)'
            cand --config 'The operator''s configuration: its JSON, or YAML with the ConfigMap that holds it (datakit-operator.yaml as it is)'
            cand -n 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]'
            cand --namespace 'Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or default]'
            cand --operator-version 'The release whose reading of the configuration to follow [default: by its keys]'
            cand --only 'These injections only'
            cand --skip 'Leave these injections out'
            cand -o 'Convert the output [default: each document stays what it was]'
            cand --output 'Convert the output [default: each document stays what it was]'
            cand --output-dir 'Write the tree below DIR instead'
            cand -j 'Worker threads [default: as many as the machine has]'
            cand --jobs 'Worker threads [default: as many as the machine has]'
            cand --report 'The form of the report'
            cand --report-file 'Write the report to a file, in the form of --report; standard error keeps the text'
            cand --color 'When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto'
            cand --allow-empty 'Take a directory without manifests for an empty input'
            cand -i 'Rewrite the files that change: all of them, or none where one fails'
            cand --in-place 'Rewrite the files that change: all of them, or none where one fails'
            cand --diff 'Print a unified diff instead of manifests'
            cand --check 'Write no manifests; exit 1 where something would change'
            cand --strict 'Take a warning for an error: exit 3, nothing written'
            cand -q 'Report warnings and errors only'
            cand --quiet 'Report warnings and errors only'
            cand -v 'Report every document, also those left alone'
            cand --verbose 'Report every document, also those left alone'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'datakit-inject;install-plugin'= {
            cand --plugin-home 'The folder of plugins [default: where kustomize looks]'
            cand --copy 'Copy the program instead of linking it'
            cand --force 'Take the place of what is there, whatever it is'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
    ]
    $completions[$command]
}
