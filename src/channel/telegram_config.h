/*
 * channel/telegram_config.h: the [telegram] section: the bot.
 */
#pragma once

#include "base/field.h"

typedef struct {
    bool is_enabled;
    char *api_token;
    int64_t heartbeat_topic_id; /* 0 = no topic */
} TelegramConfig;

extern const Field telegram_config_fields[];
