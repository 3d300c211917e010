# fish completion for localgpt; made by 'localgpt completion fish', do not edit

# The command that the words before the cursor name, such as 'config set'.
function __localgpt_path
    set -l words (commandline -opc)
    set -l at ''
    set -l skip 0
    for word in $words[2..-1]
        if test $skip = 1
            set skip 0
        else if test "$word" = --
            break
        else if __localgpt_takes_value "$at" "$word"
            set skip 1
        else if __localgpt_is_command "$at/$word"
            set at "$at/$word"
        end
    end
    echo $at
end

function __localgpt_at
    test (__localgpt_path) = "$argv[1]"
end

# What the program itself knows: models, sessions, keys.
function __localgpt_values
    set -l program (commandline -opc)[1]
    $program completion values $argv[1] 2>/dev/null
end

function __localgpt_is_command
    contains -- "$argv[1]" /chat /ask /session /session/list /session/search /session/show /session/export /memory /memory/search /memory/recent /memory/reindex /memory/stats /memory/show /memory/add /memory/edit /memory/forget /memory/where /memory/why /undo /redo /diff /approvals /approvals/list /approvals/remove /config /config/init /config/show /config/get /config/set /config/unset /config/path /config/list /model /model/list /model/pull /model/remove /model/info /model/use /paths /doctor /sandbox /sandbox/status /sandbox/test /sandbox/run /sandbox/explain /completion /help
end

function __localgpt_takes_value
    switch "$argv[1]:$argv[2]"
        case '*':--config '*':-c
            return 0
        case '*':--agent '*':-a
            return 0
        case '*':--profile '*':-p
            return 0
        case '*':--timeout
            return 0
        case /chat:--model /chat:-m
            return 0
        case /chat:--directory /chat:-C
            return 0
        case /chat:--mode
            return 0
        case /chat:--session /chat:-s
            return 0
        case /ask:--model /ask:-m
            return 0
        case /ask:--format /ask:-f
            return 0
        case /ask:--input /ask:-i
            return 0
        case /ask:--max-turns
            return 0
        case /ask:--directory /ask:-C
            return 0
        case /ask:--mode
            return 0
        case /ask:--session /ask:-s
            return 0
        case /session/list:--limit /session/list:-n
            return 0
        case /memory/search:--limit /memory/search:-l
            return 0
        case /memory/search:--mode
            return 0
        case /memory/recent:--count /memory/recent:-n
            return 0
        case /undo:--turn /undo:-t
            return 0
        case /undo:--directory /undo:-C
            return 0
        case /redo:--turn /redo:-t
            return 0
        case /redo:--directory /redo:-C
            return 0
        case /diff:--turn /diff:-t
            return 0
        case /diff:--directory /diff:-C
            return 0
        case /config/show:--format /config/show:-f
            return 0
        case /model/pull:--url
            return 0
        case /model/pull:--sha256
            return 0
        case /sandbox/status:--level /sandbox/status:-l
            return 0
        case /sandbox/status:--workspace /sandbox/status:-w
            return 0
        case /sandbox/test:--level /sandbox/test:-l
            return 0
        case /sandbox/test:--workspace /sandbox/test:-w
            return 0
        case /sandbox/run:--level /sandbox/run:-l
            return 0
        case /sandbox/run:--workspace /sandbox/run:-w
            return 0
        case /sandbox/explain:--level /sandbox/explain:-l
            return 0
        case /sandbox/explain:--workspace /sandbox/explain:-w
            return 0
    end
    return 1
end

complete -c localgpt -f
complete -c localgpt -s v -l verbose -d 'Tell what is being done, on stderr'
complete -c localgpt -s q -l quiet -d 'No notes and warnings, only errors'
complete -c localgpt -s c -l config -r -F -d 'Configuration file to use'
complete -c localgpt -s a -l agent -x -a '(__localgpt_values agent)' -d 'Agent whose sessions and memory are used'
complete -c localgpt -s p -l profile -x -d 'Separate set of folders with this name'
complete -c localgpt -l no-color -d 'No colours'
complete -c localgpt -l plain -d 'Plain text without drawing or animation, for screen readers'
complete -c localgpt -l json -d 'One JSON document on stdout, also on failure'
complete -c localgpt -l timeout -x -d 'Give up after this time, with exit status 124'
complete -c localgpt -s h -l help -d 'Help: -h short, --help long'
complete -c localgpt -l version -d 'Print the version'
complete -c localgpt -n "__localgpt_at ''" -a chat -d 'Talk with the assistant'
complete -c localgpt -n "__localgpt_at ''" -a ask -d 'Ask one question and print the answer'
complete -c localgpt -n "__localgpt_at ''" -a session -d 'List, search and export conversations'
complete -c localgpt -n "__localgpt_at ''" -a memory -d 'Find, read and keep notes'
complete -c localgpt -n "__localgpt_at ''" -a undo -d 'Take back what a turn changed'
complete -c localgpt -n "__localgpt_at ''" -a redo -d 'Do again what was undone'
complete -c localgpt -n "__localgpt_at ''" -a diff -d 'Show what a turn changed'
complete -c localgpt -n "__localgpt_at ''" -a approvals -d 'List and remove what tools may do without asking'
complete -c localgpt -n "__localgpt_at ''" -a config -d 'Show and change the settings'
complete -c localgpt -n "__localgpt_at ''" -a model -d 'Get, list and choose local models'
complete -c localgpt -n "__localgpt_at ''" -a paths -d 'Show where files are kept'
complete -c localgpt -n "__localgpt_at ''" -a doctor -d 'Check that everything works'
complete -c localgpt -n "__localgpt_at ''" -a sandbox -d 'Look into the sandbox around every command'
complete -c localgpt -n "__localgpt_at ''" -a completion -d 'Print completions for bash, zsh or fish'
complete -c localgpt -n "__localgpt_at ''" -a help -d 'Show help on a command or a topic'
complete -c localgpt -n "__localgpt_at '/chat'" -s m -l model -x -a '(__localgpt_values model)' -d 'Answer with this model instead of agent.default_model'
complete -c localgpt -n "__localgpt_at '/chat'" -s C -l directory -r -F -d 'Let the tools work in this folder instead of the workspace'
complete -c localgpt -n "__localgpt_at '/chat'" -l mode -x -a 'plan ask edits auto' -d 'What tools may do without asking: plan, ask, edits or auto'
complete -c localgpt -n "__localgpt_at '/chat'" -s s -l session -x -a '(__localgpt_values session)' -d 'Continue this session (a prefix of its id is enough)'
complete -c localgpt -n "__localgpt_at '/chat'" -s r -l resume -d 'Continue the most recent session'
complete -c localgpt -n "__localgpt_at '/ask'" -s m -l model -x -a '(__localgpt_values model)' -d 'Answer with this model instead of agent.default_model'
complete -c localgpt -n "__localgpt_at '/ask'" -s f -l format -x -a 'text json stream-json' -d 'How to print the answer'
complete -c localgpt -n "__localgpt_at '/ask'" -s i -l input -r -F -d 'Send this file along: text, or a PNG, JPEG, GIF or WebP image'
complete -c localgpt -n "__localgpt_at '/ask'" -l max-turns -x -d 'Ask the model at most N times, as when it calls tools (agent.max_turns)'
complete -c localgpt -n "__localgpt_at '/ask'" -s C -l directory -r -F -d 'Let the tools work in this folder instead of the workspace'
complete -c localgpt -n "__localgpt_at '/ask'" -l mode -x -a 'plan ask edits auto' -d 'What tools may do without asking: plan, ask, edits or auto'
complete -c localgpt -n "__localgpt_at '/ask'" -s s -l session -x -a '(__localgpt_values session)' -d 'Continue this session (a prefix of its id is enough)'
complete -c localgpt -n "__localgpt_at '/session'" -a list -d 'List the sessions of the agent'
complete -c localgpt -n "__localgpt_at '/session'" -a search -d 'Find words in what was said'
complete -c localgpt -n "__localgpt_at '/session'" -a show -d 'Show what is known about a session'
complete -c localgpt -n "__localgpt_at '/session'" -a export -d 'Print a session as Markdown'
complete -c localgpt -n "__localgpt_at '/session/list'" -s n -l limit -x -d 'Sessions shown at most; 0 means all'
complete -c localgpt -n "__localgpt_at '/session/show'" -a '(__localgpt_values session)'
complete -c localgpt -n "__localgpt_at '/session/export'" -a '(__localgpt_values session)'
complete -c localgpt -n "__localgpt_at '/memory'" -a search -d 'Find notes by words and by meaning'
complete -c localgpt -n "__localgpt_at '/memory'" -a recent -d 'Show the newest daily notes'
complete -c localgpt -n "__localgpt_at '/memory'" -a reindex -d 'Bring the index up to date'
complete -c localgpt -n "__localgpt_at '/memory'" -a stats -d 'Show what is indexed'
complete -c localgpt -n "__localgpt_at '/memory'" -a show -d 'Print a note, or some of its lines'
complete -c localgpt -n "__localgpt_at '/memory'" -a add -d 'Add a note to today\'s file'
complete -c localgpt -n "__localgpt_at '/memory'" -a edit -d 'Open a note in your editor'
complete -c localgpt -n "__localgpt_at '/memory'" -a forget -d 'Remove a text from every note'
complete -c localgpt -n "__localgpt_at '/memory'" -a where -d 'Show where notes and index lie'
complete -c localgpt -n "__localgpt_at '/memory'" -a why -d 'Show which note bears a claim out, and who wrote it'
complete -c localgpt -n "__localgpt_at '/memory/search'" -s l -l limit -x -d 'Hits at most'
complete -c localgpt -n "__localgpt_at '/memory/search'" -l mode -x -a 'hybrid words meaning' -d 'What to go by'
complete -c localgpt -n "__localgpt_at '/memory/search'" -l sessions -d 'Look through the conversations, too'
complete -c localgpt -n "__localgpt_at '/memory/search'" -l diverse -d 'Leave out hits that say the same again'
complete -c localgpt -n "__localgpt_at '/memory/search'" -l explain -d 'Show what each score is made of'
complete -c localgpt -n "__localgpt_at '/memory/recent'" -s n -l count -x -d 'Notes shown at most'
complete -c localgpt -n "__localgpt_at '/memory/reindex'" -s f -l force -d 'Read every file again, changed or not'
complete -c localgpt -n "__localgpt_at '/memory/forget'" -s n -l dry-run -d 'Only say what would go'
complete -c localgpt -n "__localgpt_at '/memory/forget'" -s y -l yes -d 'Do not ask'
complete -c localgpt -n "__localgpt_at '/undo'" -s t -l turn -x -d 'The turn with this number (see \'undo --list\')'
complete -c localgpt -n "__localgpt_at '/undo'" -s n -l dry-run -d 'Only tell what would happen'
complete -c localgpt -n "__localgpt_at '/undo'" -s l -l list -d 'List the turns that changed something'
complete -c localgpt -n "__localgpt_at '/undo'" -s C -l directory -r -F -d 'Of this folder instead of the workspace'
complete -c localgpt -n "__localgpt_at '/redo'" -s t -l turn -x -d 'The turn with this number (see \'undo --list\')'
complete -c localgpt -n "__localgpt_at '/redo'" -s n -l dry-run -d 'Only tell what would happen'
complete -c localgpt -n "__localgpt_at '/redo'" -s C -l directory -r -F -d 'Of this folder instead of the workspace'
complete -c localgpt -n "__localgpt_at '/diff'" -s t -l turn -x -d 'The turn with this number (see \'undo --list\')'
complete -c localgpt -n "__localgpt_at '/diff'" -s C -l directory -r -F -d 'Of this folder instead of the workspace'
complete -c localgpt -n "__localgpt_at '/approvals'" -a list -d 'List what tools may do without asking again'
complete -c localgpt -n "__localgpt_at '/approvals'" -a remove -d 'Ask again about a call'
complete -c localgpt -n "__localgpt_at '/approvals/remove'" -l all -d 'Remove all of them, also from a file that is damaged'
complete -c localgpt -n "__localgpt_at '/config'" -a init -d 'Write a commented file with every key'
complete -c localgpt -n "__localgpt_at '/config'" -a show -d 'Show what is in force'
complete -c localgpt -n "__localgpt_at '/config'" -a get -d 'Print one value or a section'
complete -c localgpt -n "__localgpt_at '/config'" -a set -d 'Change one key in the file'
complete -c localgpt -n "__localgpt_at '/config'" -a unset -d 'Remove one key from the file'
complete -c localgpt -n "__localgpt_at '/config'" -a path -d 'Print where the file is'
complete -c localgpt -n "__localgpt_at '/config'" -a list -d 'List every key and what it takes'
complete -c localgpt -n "__localgpt_at '/config/init'" -s f -l force -d 'Replace the file that is there'
complete -c localgpt -n "__localgpt_at '/config/show'" -s f -l format -x -a 'toml json' -d 'Language of the output'
complete -c localgpt -n "__localgpt_at '/config/get'" -l reveal -d 'Print a secret instead of ***'
complete -c localgpt -n "__localgpt_at '/config/get'" -a '(__localgpt_values key)'
complete -c localgpt -n "__localgpt_at '/config/set'" -a '(__localgpt_values key)'
complete -c localgpt -n "__localgpt_at '/config/unset'" -a '(__localgpt_values key)'
complete -c localgpt -n "__localgpt_at '/config/list'" -a '(__localgpt_values key)'
complete -c localgpt -n "__localgpt_at '/model'" -a list -d 'List local models'
complete -c localgpt -n "__localgpt_at '/model'" -a pull -d 'Get a model'
complete -c localgpt -n "__localgpt_at '/model'" -a remove -d 'Remove a model'
complete -c localgpt -n "__localgpt_at '/model'" -a info -d 'Show what is known about a model'
complete -c localgpt -n "__localgpt_at '/model'" -a use -d 'Choose the model that answers'
complete -c localgpt -n "__localgpt_at '/model/list'" -l all -d 'Also the models that can be got'
complete -c localgpt -n "__localgpt_at '/model/pull'" -l url -x -d 'Address of any GGUF file, to be called NAME'
complete -c localgpt -n "__localgpt_at '/model/pull'" -l sha256 -x -d 'Refuse a file with another hash'
complete -c localgpt -n "__localgpt_at '/model/pull'" -l force -d 'Also when it is installed already'
complete -c localgpt -n "__localgpt_at '/model/pull'" -a '(__localgpt_values model)'
complete -c localgpt -n "__localgpt_at '/model/remove'" -s y -l yes -d 'Do not ask'
complete -c localgpt -n "__localgpt_at '/model/remove'" -a '(__localgpt_values model)'
complete -c localgpt -n "__localgpt_at '/model/info'" -l verify -d 'Hash the whole file and compare'
complete -c localgpt -n "__localgpt_at '/model/info'" -a '(__localgpt_values model)'
complete -c localgpt -n "__localgpt_at '/model/use'" -a '(__localgpt_values model)'
complete -c localgpt -n "__localgpt_at '/doctor'" -s f -l fix -d 'Mend what can be mended without asking'
complete -c localgpt -n "__localgpt_at '/doctor'" -l strict -d 'A warning counts as a problem'
complete -c localgpt -n "__localgpt_at '/sandbox'" -a status -d 'Show what the kernel offers and what holds'
complete -c localgpt -n "__localgpt_at '/sandbox'" -a test -d 'Try to get out of the sandbox, and to work in it'
complete -c localgpt -n "__localgpt_at '/sandbox'" -a run -d 'Run a command in the sandbox by hand'
complete -c localgpt -n "__localgpt_at '/sandbox'" -a explain -d 'Tell which rule allows or forbids something'
complete -c localgpt -n "__localgpt_at '/sandbox/status'" -s l -l level -x -a 'auto full standard minimal none' -d 'Level, instead of the configured one'
complete -c localgpt -n "__localgpt_at '/sandbox/status'" -s w -l workspace -r -F -d 'Folder that may be written, instead of the workspace'
complete -c localgpt -n "__localgpt_at '/sandbox/test'" -s l -l level -x -a 'auto full standard minimal none' -d 'Level, instead of the configured one'
complete -c localgpt -n "__localgpt_at '/sandbox/test'" -s w -l workspace -r -F -d 'Folder that may be written, instead of the workspace'
complete -c localgpt -n "__localgpt_at '/sandbox/run'" -s l -l level -x -a 'auto full standard minimal none' -d 'Level, instead of the configured one'
complete -c localgpt -n "__localgpt_at '/sandbox/run'" -s w -l workspace -r -F -d 'Folder that may be written, instead of the workspace'
complete -c localgpt -n "__localgpt_at '/sandbox/run'" -s i -l input -d 'Give the command what comes on standard input'
complete -c localgpt -n "__localgpt_at '/sandbox/run'" -F
complete -c localgpt -n "__localgpt_at '/sandbox/explain'" -s l -l level -x -a 'auto full standard minimal none' -d 'Level, instead of the configured one'
complete -c localgpt -n "__localgpt_at '/sandbox/explain'" -s w -l workspace -r -F -d 'Folder that may be written, instead of the workspace'
complete -c localgpt -n "__localgpt_at '/sandbox/explain'" -F
complete -c localgpt -n "__localgpt_at '/completion'" -a '(__localgpt_values shell)'
complete -c localgpt -n "__localgpt_at '/help'" -a '(__localgpt_values topic)'
