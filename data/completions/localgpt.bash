# bash completion for localgpt; made by 'localgpt completion bash', do not edit

# Offers those of the words that begin as the current one does.
_localgpt_offer() {
    local word quoted
    for word in "$@"; do
        if [[ $word == "$cur"* ]]; then
            printf -v quoted %q "$word"
            COMPREPLY+=("$quoted")
        fi
    done
}

# Offers what the program itself knows: models, sessions, keys.
_localgpt_values() {
    local value rest
    while IFS=$'\t' read -r value rest; do
        _localgpt_offer "$value"
    done < <("${COMP_WORDS[0]/#\~/$HOME}" completion values "$1" 2>/dev/null)
}

_localgpt_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}

_localgpt_is_command() {
    case $1 in
        /chat) return 0 ;;
        /ask) return 0 ;;
        /session) return 0 ;;
        /session/list) return 0 ;;
        /session/search) return 0 ;;
        /session/show) return 0 ;;
        /session/export) return 0 ;;
        /memory) return 0 ;;
        /memory/search) return 0 ;;
        /memory/recent) return 0 ;;
        /memory/reindex) return 0 ;;
        /memory/stats) return 0 ;;
        /memory/show) return 0 ;;
        /memory/add) return 0 ;;
        /memory/edit) return 0 ;;
        /memory/forget) return 0 ;;
        /memory/where) return 0 ;;
        /memory/why) return 0 ;;
        /undo) return 0 ;;
        /redo) return 0 ;;
        /diff) return 0 ;;
        /approvals) return 0 ;;
        /approvals/list) return 0 ;;
        /approvals/remove) return 0 ;;
        /config) return 0 ;;
        /config/init) return 0 ;;
        /config/show) return 0 ;;
        /config/get) return 0 ;;
        /config/set) return 0 ;;
        /config/unset) return 0 ;;
        /config/path) return 0 ;;
        /config/list) return 0 ;;
        /model) return 0 ;;
        /model/list) return 0 ;;
        /model/pull) return 0 ;;
        /model/remove) return 0 ;;
        /model/info) return 0 ;;
        /model/use) return 0 ;;
        /paths) return 0 ;;
        /doctor) return 0 ;;
        /sandbox) return 0 ;;
        /sandbox/status) return 0 ;;
        /sandbox/test) return 0 ;;
        /sandbox/run) return 0 ;;
        /sandbox/explain) return 0 ;;
        /completion) return 0 ;;
        /help) return 0 ;;
        *) return 1 ;;
    esac
}

_localgpt_takes_value() {
    case $1:$2 in
        *:--config | *:-c) return 0 ;;
        *:--agent | *:-a) return 0 ;;
        *:--profile | *:-p) return 0 ;;
        *:--timeout) return 0 ;;
        /chat:--model | /chat:-m) return 0 ;;
        /chat:--directory | /chat:-C) return 0 ;;
        /chat:--mode) return 0 ;;
        /chat:--session | /chat:-s) return 0 ;;
        /ask:--model | /ask:-m) return 0 ;;
        /ask:--format | /ask:-f) return 0 ;;
        /ask:--input | /ask:-i) return 0 ;;
        /ask:--max-turns) return 0 ;;
        /ask:--directory | /ask:-C) return 0 ;;
        /ask:--mode) return 0 ;;
        /ask:--session | /ask:-s) return 0 ;;
        /session/list:--limit | /session/list:-n) return 0 ;;
        /memory/search:--limit | /memory/search:-l) return 0 ;;
        /memory/search:--mode) return 0 ;;
        /memory/recent:--count | /memory/recent:-n) return 0 ;;
        /undo:--turn | /undo:-t) return 0 ;;
        /undo:--directory | /undo:-C) return 0 ;;
        /redo:--turn | /redo:-t) return 0 ;;
        /redo:--directory | /redo:-C) return 0 ;;
        /diff:--turn | /diff:-t) return 0 ;;
        /diff:--directory | /diff:-C) return 0 ;;
        /config/show:--format | /config/show:-f) return 0 ;;
        /model/pull:--url) return 0 ;;
        /model/pull:--sha256) return 0 ;;
        /sandbox/status:--level | /sandbox/status:-l) return 0 ;;
        /sandbox/status:--workspace | /sandbox/status:-w) return 0 ;;
        /sandbox/test:--level | /sandbox/test:-l) return 0 ;;
        /sandbox/test:--workspace | /sandbox/test:-w) return 0 ;;
        /sandbox/run:--level | /sandbox/run:-l) return 0 ;;
        /sandbox/run:--workspace | /sandbox/run:-w) return 0 ;;
        /sandbox/explain:--level | /sandbox/explain:-l) return 0 ;;
        /sandbox/explain:--workspace | /sandbox/explain:-w) return 0 ;;
        *) return 1 ;;
    esac
}

# Offers the values of an option; fails when it takes none.
_localgpt_value() {
    case $1:$2 in
        *:--config | *:-c) _localgpt_files ;;
        *:--agent | *:-a) _localgpt_values agent ;;
        *:--profile | *:-p) ;;
        *:--timeout) ;;
        /chat:--model | /chat:-m) _localgpt_values model ;;
        /chat:--directory | /chat:-C) _localgpt_files ;;
        /chat:--mode) _localgpt_offer plan ask edits auto ;;
        /chat:--session | /chat:-s) _localgpt_values session ;;
        /ask:--model | /ask:-m) _localgpt_values model ;;
        /ask:--format | /ask:-f) _localgpt_offer text json stream-json ;;
        /ask:--input | /ask:-i) _localgpt_files ;;
        /ask:--max-turns) ;;
        /ask:--directory | /ask:-C) _localgpt_files ;;
        /ask:--mode) _localgpt_offer plan ask edits auto ;;
        /ask:--session | /ask:-s) _localgpt_values session ;;
        /session/list:--limit | /session/list:-n) ;;
        /memory/search:--limit | /memory/search:-l) ;;
        /memory/search:--mode) _localgpt_offer hybrid words meaning ;;
        /memory/recent:--count | /memory/recent:-n) ;;
        /undo:--turn | /undo:-t) ;;
        /undo:--directory | /undo:-C) _localgpt_files ;;
        /redo:--turn | /redo:-t) ;;
        /redo:--directory | /redo:-C) _localgpt_files ;;
        /diff:--turn | /diff:-t) ;;
        /diff:--directory | /diff:-C) _localgpt_files ;;
        /config/show:--format | /config/show:-f) _localgpt_offer toml json ;;
        /model/pull:--url) ;;
        /model/pull:--sha256) ;;
        /sandbox/status:--level | /sandbox/status:-l) _localgpt_offer auto full standard minimal none ;;
        /sandbox/status:--workspace | /sandbox/status:-w) _localgpt_files ;;
        /sandbox/test:--level | /sandbox/test:-l) _localgpt_offer auto full standard minimal none ;;
        /sandbox/test:--workspace | /sandbox/test:-w) _localgpt_files ;;
        /sandbox/run:--level | /sandbox/run:-l) _localgpt_offer auto full standard minimal none ;;
        /sandbox/run:--workspace | /sandbox/run:-w) _localgpt_files ;;
        /sandbox/explain:--level | /sandbox/explain:-l) _localgpt_offer auto full standard minimal none ;;
        /sandbox/explain:--workspace | /sandbox/explain:-w) _localgpt_files ;;
        *) return 1 ;;
    esac
}

_localgpt_arguments() {
    case $1 in
        '') _localgpt_offer chat ask session memory undo redo diff approvals config model paths doctor sandbox completion help ;;
        /session) _localgpt_offer list search show export ;;
        /session/show) _localgpt_values session ;;
        /session/export) _localgpt_values session ;;
        /memory) _localgpt_offer search recent reindex stats show add edit forget where why ;;
        /approvals) _localgpt_offer list remove ;;
        /config) _localgpt_offer init show get set unset path list ;;
        /config/get) _localgpt_values key ;;
        /config/set) _localgpt_values key ;;
        /config/unset) _localgpt_values key ;;
        /config/list) _localgpt_values key ;;
        /model) _localgpt_offer list pull remove info use ;;
        /model/pull) _localgpt_values model ;;
        /model/remove) _localgpt_values model ;;
        /model/info) _localgpt_values model ;;
        /model/use) _localgpt_values model ;;
        /sandbox) _localgpt_offer status test run explain ;;
        /sandbox/run) _localgpt_files ;;
        /sandbox/explain) _localgpt_files ;;
        /completion) _localgpt_values shell ;;
        /help) _localgpt_values topic ;;
    esac
}

_localgpt_options() {
    _localgpt_offer --verbose --quiet --config --agent --profile --no-color --plain --json --timeout --help --version
    case $1 in
        /chat) _localgpt_offer --model --directory --mode --session --resume ;;
        /ask) _localgpt_offer --model --format --input --max-turns --directory --mode --session ;;
        /session/list) _localgpt_offer --limit ;;
        /memory/search) _localgpt_offer --limit --mode --sessions --diverse --explain ;;
        /memory/recent) _localgpt_offer --count ;;
        /memory/reindex) _localgpt_offer --force ;;
        /memory/forget) _localgpt_offer --dry-run --yes ;;
        /undo) _localgpt_offer --turn --dry-run --list --directory ;;
        /redo) _localgpt_offer --turn --dry-run --directory ;;
        /diff) _localgpt_offer --turn --directory ;;
        /approvals/remove) _localgpt_offer --all ;;
        /config/init) _localgpt_offer --force ;;
        /config/show) _localgpt_offer --format ;;
        /config/get) _localgpt_offer --reveal ;;
        /model/list) _localgpt_offer --all ;;
        /model/pull) _localgpt_offer --url --sha256 --force ;;
        /model/remove) _localgpt_offer --yes ;;
        /model/info) _localgpt_offer --verify ;;
        /doctor) _localgpt_offer --fix --strict ;;
        /sandbox/status) _localgpt_offer --level --workspace ;;
        /sandbox/test) _localgpt_offer --level --workspace ;;
        /sandbox/run) _localgpt_offer --level --workspace --input ;;
        /sandbox/explain) _localgpt_offer --level --workspace ;;
    esac
}

_localgpt() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at= word
    local -i i skip=0 only_arguments=0
    COMPREPLY=()
    # bash keeps the '=' of --name=value apart.
    if [[ $cur == = ]]; then
        cur=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((skip)); then
            [[ $word == = ]] || skip=0
        elif [[ $word == -- ]]; then
            only_arguments=1
        elif ((!only_arguments)) && _localgpt_takes_value "$at" "$word"; then
            skip=1
        elif _localgpt_is_command "$at/$word"; then
            at=$at/$word
        fi
    done
    if ((!only_arguments)); then
        _localgpt_value "$at" "$before" && return
        if [[ $cur == -* ]]; then
            _localgpt_options "$at"
            return
        fi
    fi
    _localgpt_arguments "$at"
}

complete -F _localgpt localgpt
