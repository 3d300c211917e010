/*
 * provider/tool_images.h: images that tools returned, where every protocol takes them: in a user
 * message right behind the results of one answer. A model that takes none is told that there was
 * one.
 *
 *     g_autoptr(GPtrArray) lifted = tool_images_lift(messages, takes_images);   // NULL: nothing to
 * do
 */
#pragma once

#include "provider/message.h"

/* A copy (Message, owned), or NULL when no result has an image. */
GPtrArray *tool_images_lift(const GPtrArray *messages, bool takes_images);
