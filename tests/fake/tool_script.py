#!/usr/bin/env python3
"""Steps of a conversation with tools to a script of tests/fake/model_server.py, as OpenAI streams it.

    tool_script.py '[[["read_file", {"path": "a.c"}]], "The answer."]' >script.json

A step is a list of calls, [name, arguments] each, or a text that ends the turn.
"""

import json
import sys


def event(delta, reason=None):
    choice = {"delta": delta, "finish_reason": reason}
    return "data: " + json.dumps({"choices": [choice]}) + "\n\n"


def reply(step, number):
    if isinstance(step, str):
        return {"body": [event({"content": step}, "stop"), "data: [DONE]\n\n"]}
    calls = [{"index": i, "id": f"call_{number}_{i}", "type": "function",
              "function": {"name": name, "arguments": json.dumps(arguments)}}
             for i, (name, arguments) in enumerate(step)]
    return {"body": [event({"tool_calls": calls}), event({}, "tool_calls"), "data: [DONE]\n\n"]}


print(json.dumps([reply(step, number) for number, step in enumerate(json.loads(sys.argv[1]))]))
