/*
 * cli/commands.h: the run functions that the rows of commands.c name, one line for each file
 * cmd_<name>.c, and the sub-tables that such files own.
 */
#pragma once

#include "cli/command.h"

extern CommandRun cmd_approvals_list_run;
extern CommandRun cmd_approvals_remove_run;
extern const Command cmd_approvals_subcommands[];
extern CommandRun cmd_ask_run;
extern const Option cmd_ask_options[];
extern CommandRun cmd_chat_run;
extern const Option cmd_chat_options[];
extern CommandRun cmd_completion_run;
extern CommandRun cmd_completion_values_run;
extern CommandRun cmd_doctor_run;
extern const Option cmd_doctor_options[];
extern CommandRun cmd_help_run;
extern CommandRun cmd_memory_add_run;
extern CommandRun cmd_memory_edit_run;
extern CommandRun cmd_memory_forget_run;
extern const Option cmd_memory_forget_options[];
extern CommandRun cmd_memory_recent_run;
extern CommandRun cmd_memory_reindex_run;
extern CommandRun cmd_memory_search_run;
extern CommandRun cmd_memory_show_run;
extern CommandRun cmd_memory_stats_run;
extern CommandRun cmd_memory_where_run;
extern CommandRun cmd_memory_why_run;
extern const Command cmd_memory_subcommands[];
extern CommandRun cmd_model_info_run;
extern CommandRun cmd_model_list_run;
extern CommandRun cmd_model_pull_run;
extern CommandRun cmd_model_remove_run;
extern CommandRun cmd_model_use_run;
extern const Command cmd_model_subcommands[];
extern CommandRun cmd_paths_run;
extern CommandRun cmd_sandbox_explain_run;
extern CommandRun cmd_sandbox_run_run;
extern CommandRun cmd_sandbox_status_run;
extern CommandRun cmd_sandbox_test_run;
extern const Command cmd_sandbox_subcommands[];
extern CommandRun cmd_session_export_run;
extern CommandRun cmd_session_list_run;
extern CommandRun cmd_session_search_run;
extern CommandRun cmd_session_show_run;
extern const Command cmd_session_subcommands[];
extern CommandRun cmd_undo_run;
extern CommandRun cmd_redo_run;
extern CommandRun cmd_diff_run;
extern const Option cmd_undo_options[];
extern const Option cmd_redo_options[];
extern const Option cmd_diff_options[];
