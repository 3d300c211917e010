/*
 * engine/library.h: libllama's functions, found at run time.
 *
 * The library comes from a folder that the user fills ('localgpt model pull' gets the CPU build; a
 * CUDA or Vulkan build swaps in without relinking us), so it is loaded by name there, with its
 * back ends, and its version is checked against the headers we were built with.
 *
 * The table's members are typed by llama.h's own declarations.
 */
#pragma once

#include <llama.h>

#include <stdbool.h>

#include <glib.h>

typedef struct {
#define FUNCTION(name) typeof(name) *name
    FUNCTION(ggml_backend_dev_count);
    FUNCTION(ggml_backend_dev_get);
    FUNCTION(ggml_backend_dev_name);
    FUNCTION(ggml_backend_dev_type);
    FUNCTION(ggml_backend_load_all_from_path);
    FUNCTION(llama_backend_init);
    FUNCTION(llama_chat_apply_template);
    FUNCTION(llama_context_default_params);
    FUNCTION(llama_decode);
    FUNCTION(llama_detokenize);
    FUNCTION(llama_free);
    FUNCTION(llama_get_embeddings_ith);
    FUNCTION(llama_get_embeddings_seq);
    FUNCTION(llama_get_logits_ith);
    FUNCTION(llama_get_memory);
    FUNCTION(llama_init_from_model);
    FUNCTION(llama_log_set);
    FUNCTION(llama_memory_clear);
    FUNCTION(llama_memory_seq_rm);
    FUNCTION(llama_model_chat_template);
    FUNCTION(llama_model_default_params);
    FUNCTION(llama_model_desc);
    FUNCTION(llama_model_free);
    FUNCTION(llama_model_get_vocab);
    FUNCTION(llama_model_load_from_file);
    FUNCTION(llama_model_meta_val_str);
    FUNCTION(llama_model_n_ctx_train);
    FUNCTION(llama_model_n_embd);
    FUNCTION(llama_model_n_layer);
    FUNCTION(llama_model_n_params);
    FUNCTION(llama_model_size);
    FUNCTION(llama_n_ctx);
    FUNCTION(llama_pooling_type);
    FUNCTION(llama_sampler_accept);
    FUNCTION(llama_sampler_apply);
    FUNCTION(llama_sampler_chain_add);
    FUNCTION(llama_sampler_chain_default_params);
    FUNCTION(llama_sampler_chain_init);
    FUNCTION(llama_sampler_free);
    FUNCTION(llama_sampler_init_dist);
    FUNCTION(llama_sampler_init_grammar);
    FUNCTION(llama_sampler_init_greedy);
    FUNCTION(llama_sampler_init_min_p);
    FUNCTION(llama_sampler_init_penalties);
    FUNCTION(llama_sampler_init_temp);
    FUNCTION(llama_sampler_init_top_k);
    FUNCTION(llama_sampler_init_top_p);
    FUNCTION(llama_sampler_sample);
    FUNCTION(llama_set_n_threads);
    FUNCTION(llama_state_seq_get_data);
    FUNCTION(llama_state_seq_get_size);
    FUNCTION(llama_state_seq_set_data);
    FUNCTION(llama_token_to_piece);
    FUNCTION(llama_tokenize);
    FUNCTION(llama_version);
    FUNCTION(llama_vocab_bos);
    FUNCTION(llama_vocab_eos);
    FUNCTION(llama_vocab_eot);
    FUNCTION(llama_vocab_get_attr);
    FUNCTION(llama_vocab_get_text);
    FUNCTION(llama_vocab_is_eog);
    FUNCTION(llama_vocab_n_tokens);
#undef FUNCTION
} EngineLibrary;

/* Loads libllama from `folder` (absolute). ERR_NOT_FOUND names the folder; ERR_PROVIDER a library
 * of another version. */
bool engine_library_open(EngineLibrary *library, const char *folder,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Loads its back ends from the same folder. Before the confinement: drivers may open devices. */
bool engine_library_load_backends(const EngineLibrary *library, const char *folder,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
