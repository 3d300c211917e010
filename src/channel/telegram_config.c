/* channel/telegram_config.c: the rows of [telegram]. */
#include "channel/telegram_config.h"

/* clang-format off */
const Field telegram_config_fields[] = {
    { "enabled",            FIELD_BOOL(TelegramConfig, is_enabled),        .default_text = "false", .flags = FIELD_INERT | FIELD_RESTART, .help = "Let the daemon answer on Telegram." },
    { "api_token",          FIELD_STRING(TelegramConfig, api_token),       .default_text = "", .flags = FIELD_SECRET | FIELD_INERT | FIELD_RESTART, .help = "Token of the bot, or a variable that holds it." },
    { "heartbeat_topic_id", FIELD_INT(TelegramConfig, heartbeat_topic_id), .default_text = "0", .flags = FIELD_INERT, .help = "Topic of a group that heartbeats go to; 0 means none." },
    { 0 }
};
/* clang-format on */
