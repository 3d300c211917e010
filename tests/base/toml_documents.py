"""The documents that tests/base/toml_oracle.py reads: every feature of TOML 1.0 by hand, what the
specification forbids by hand, and a generator that mixes the features."""

import random

VALID = {
    "empty": "",
    "blank lines": "\n\n  \n\t\n",
    "comment only": "# nothing here\n",
    "comment without newline": "# nothing here",
    "comment with tab and unicode": "#\ta comment with ünïcödé \U0001f600\n",
    "byte order mark": "\ufeffa = 1\n",
    "byte order mark alone": "\ufeff",
    "byte order mark and header": "\ufeff[a]\nb = 1\n",
    "crlf": "a = 1\r\n\r\n[b]\r\nc = 'x' # y\r\n",
    "crlf multi-line string": "a = \"\"\"\r\none\r\ntwo\r\n\"\"\"\r\nb = '''\r\none\r\ntwo'''\r\n",
    "crlf list": "a = [\r\n  1, # one\r\n  2,\r\n]\r\n",
    "no final newline": "a = 1",
    "no final newline after comment": "a = 1 # one",
    "bare keys": "key = 1\nbare_key = 2\nbare-key = 3\n1234 = 4\nA-_z = 5\n-_- = 6\n",
    "quoted keys": "\"127.0.0.1\" = 1\n\"character encoding\" = 2\n\"ʎǝʞ\" = 3\n'key2' = 4\n'quoted \"value\"' = 5\n",
    "empty quoted key": "\"\" = 'blank'\n",
    "empty quoted key in a path": "a.\"\".b = 1\n''.c = 2\n",
    "escapes in a key": "\"a\\tb\\u00e9\\\"\" = 1\n",
    "NUL in a key": "\"a\\u0000b\" = 1\n\"a\" = 2\n",
    "dotted keys": "name = 1\nphysical.color = 'x'\nphysical.shape = 'y'\nsite.\"google.com\" = true\n",
    "dotted keys with blanks": "fruit.name = 1\nfruit. color = 2\nfruit . flavor = 3\nfruit\t.\tsize = 4\n",
    "dotted keys out of order": "apple.type = 1\norange.type = 2\napple.skin = 3\norange.skin = 4\n",
    "dotted numbers": "3.14159 = 'pi'\n1.2.3 = 4\n",
    "keys like values": "true = 1\nfalse = 2\ninf = 3\nnan = 4\n1979-05-27 = 5\n0x1 = 6\n",
    "no blanks around equals": "a=1\nb   =   2\n\tc\t=\t3\n",
    "basic string": "a = \"I'm a string. \\\"You can quote me\\\". Name\\tJos\\u00E9\\nLocation\\tSF.\"\n",
    "all escapes": "a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u0041\\U0001F600\"\n",
    "tab in strings": "a = \"x\ty\"\nb = 'x\ty'\nc = \"\"\"x\ty\"\"\"\nd = '''x\ty'''\n",
    "empty strings": "a = \"\"\nb = ''\nc = \"\"\"\"\"\"\nd = ''''''\n",
    "NUL in a string": "a = \"x\\u0000y\"\n",
    "highest characters": "a = \"\\U0010FFFF \\uD7FF \\uE000\"\n",
    "hash in strings": "a = \"# no comment\" # comment\nb = '# no' #\nc = \"\"\"\n# no\"\"\"\n",
    "multi-line string": "a = \"\"\"\nRoses are red\nViolets are blue\"\"\"\n",
    "multi-line without first newline": "a = \"\"\"one\ntwo\"\"\"\n",
    "folded lines": "a = \"\"\"\nThe quick brown \\\n\n\n  fox jumps over \\\n    the lazy dog.\"\"\"\n",
    "folded with blanks after": "a = \"\"\"one \\   \n   two \\\t\n three\"\"\"\n",
    "folded to nothing": "a = \"\"\"\\\n    \"\"\"\n",
    "quotes in multi-line": "a = \"\"\"Here are two quotes: \"\". Simple.\"\"\"\nb = \"\"\"three: \"\"\\\".\"\"\"\n",
    "one quote at the end": "a = \"\"\"x\"\"\"\"\nb = '''x''''\n",
    "two quotes at the end": "a = \"\"\"x\"\"\"\"\"\nb = '''x'''''\n",
    "quotes at both ends": "a = \"\"\"\"This,\" she said, \"is it.\"\"\"\"\n",
    "literal strings": "a = 'C:\\Users\\nodejs'\nb = '\\\\ServerX\\admin$'\nc = '<\\i\\c*\\s*>'\nd = 'Tom \"D\"'\n",
    "multi-line literal": "a = '''I [dw]on't need \\d{2} apples'''\nb = '''\nThe first newline is\ntrimmed.\n   So.\n'''\n",
    "literal with quotes": "a = '''Here are \"\"\" fifteen \"\"\"'''\nb = ''''That,' she said, 'is it.''''\n",
    "multi-line like a document": "a = '''\n[b]\nc = 1\n# d\n'''\ne = \"\"\"\n[[f]]\n\"\"\"\n",
    "integers": "a = +99\nb = 42\nc = 0\nd = -17\ne = +0\nf = -0\n",
    "integers with underscores": "a = 1_000\nb = 5_349_221\nc = 53_49_221\nd = 1_2_3_4_5\n",
    "integer limits": "a = 9223372036854775807\nb = -9223372036854775808\n",
    "hexadecimal": "a = 0xDEADBEEF\nb = 0xdeadbeef\nc = 0xdead_beef\nd = 0x0\ne = 0x00ff\nf = 0x7fffffffffffffff\n",
    "octal and binary": "a = 0o01234567\nb = 0o755\nc = 0b11010110\nd = 0b1_0\n",
    "floats": "a = +1.0\nb = 3.1415\nc = -0.01\nd = 5e+22\ne = 1e06\nf = -2E-2\ng = 6.626e-34\nh = 224_617.445_991_228\n",
    "float zeros": "a = 0.0\nb = -0.0\nc = +0.0\nd = 0e0\ne = 0.0e-0\n",
    "float precision": "a = 0.1\nb = 1.7976931348623157e308\nc = 5e-324\nd = 3.141592653589793\ne = 1e1_0\n",
    "float overflow": "a = 1e999\nb = -1e999\n",
    "inf and nan": "a = inf\nb = +inf\nc = -inf\nd = nan\ne = +nan\nf = -nan\n",
    "booleans": "a = true\nb = false\n",
    "offset date-times": "a = 1979-05-27T07:32:00Z\nb = 1979-05-27T00:32:00-07:00\nc = 1979-05-27T00:32:00.999999-07:00\n",
    "date-times with a blank": "a = 1979-05-27 07:32:00Z\nb = 1979-05-27 07:32:00\nc = 1979-05-27 07:32:00.5 # x\n",
    "date-times in lower case": "a = 1987-07-05t17:45:00z\nb = 1987-07-05t17:45:00\n",
    "local date-times": "a = 1979-05-27T07:32:00\nb = 1979-05-27T00:32:00.999999\n",
    "local dates": "a = 1979-05-27\nb = 2000-02-29\nc = 2024-02-29\nd = 0001-01-01\ne = 9999-12-31\n",
    "local times": "a = 07:32:00\nb = 00:32:00.999999\nc = 23:59:59\nd = 00:00:00.1\n",
    "date before a comment": "a = 1979-05-27 # not a time\nb = 1979-05-27 \nc = [1979-05-27 , 1979-05-28]\n",
    "offset limits": "a = 1979-05-27T00:00:00+23:59\nb = 1979-05-27T00:00:00-00:00\n",
    "lists": "a = [ 1, 2, 3 ]\nb = [ \"red\", 'y' ]\nc = [ [ 1, 2 ], [3, 4, 5] ]\nd = [ [ 1, 2 ], [\"a\", \"b\"] ]\n",
    "empty lists": "a = []\nb = [ ]\nc = [\n]\nd = [ # x\n]\ne = [[]]\nf = [[],[]]\n",
    "mixed lists": "a = [ 0.1, 2, \"x\", true, 1979-05-27, { b = 1 }, [ 1 ] ]\n",
    "lists over lines": "a = [\n  1, 2, 3\n]\nb = [\n  1,\n  2, # this is ok\n]\nc = [1\n,2\n,\n]\n",
    "list with comments": "a = [ # one\n  # two\n  1 # three\n  # four\n  , # five\n  2 # six\n] # seven\n",
    "list of multi-line strings": "a = [\"\"\"\nx\n\"\"\", '''\ny''']\n",
    "list of inline tables": "points = [ { x = 1, y = 2 },\n { x = 7, y = 8 },\n { } ]\n",
    "inline tables": "a = { first = 'Tom', last = 'P' }\nb = { x = 1, y = 2 }\nc = { type.name = 'pug' }\nd = {}\ne = { }\n",
    "inline tables without blanks": "a={b=1,c=2}\n",
    "inline tables in each other": "a = { b = { c = { d = 1 } }, e = { f.g = 2, f.h = 3 } }\n",
    "inline table with a list over lines": "a = { b = [\n 1,\n 2\n], c = 3 }\n",
    "inline table with a multi-line string": "a = { b = \"\"\"\nx\n\"\"\", c = 3 }\n",
    "inline quoted keys": "a = { \"b c\" = 1, 'd' = 2, \"e\".f = 3 }\n",
    "tables": "[table-1]\nkey1 = 'x'\nkey2 = 123\n\n[table-2]\nkey1 = 'y'\n",
    "table with a quoted name": "[dog.\"tater.man\"]\ntype.name = 'pug'\n['a b'.c]\nd = 1\n",
    "table with blanks in its header": "[a.b.c]\nx = 1\n[ d.e.f ]\nx = 1\n[ g .  h  . i ]\nx = 1\n[ j . \"ʞ\" . 'l' ] # c\nx = 1\n",
    "empty tables": "[a]\n[b]\n[b.c]\n[\"\"]\n",
    "table without newline": "[a]",
    "super-table after": "[x.y.z.w]\n[x]\n",
    "super-table after with keys": "[a.b]\nc = 1\n[a]\nd = 2\n",
    "sub-tables out of order": "[fruit.apple]\n[animal]\n[fruit.orange]\n",
    "dotted keys make a table": "[fruit]\napple.color = 1\napple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true\n",
    "dotted keys under an implicit table": "[a.b.c]\nx = 1\n[a]\nb.d = 2\n",
    "root keys and tables": "name = 'x'\nb.c = 1\n[b.d]\ne = 1\n[f]\n",
    "indented": "  a = 1\n  [b]\n    c = 1\n\n    [b.d]\n      e = 1\n",
    "tables of dates": "[1979-05-27]\na = 1\n[3.14]\nb = 1\n",
    "lists of tables": "[[products]]\nname = 'Hammer'\nsku = 738594937\n\n[[products]]\n\n[[products]]\nname = 'Nail'\n",
    "lists of tables with sub-tables": "[[fruits]]\nname = 'apple'\n[fruits.physical]\ncolor = 'red'\n[[fruits.varieties]]\nname = 'red'\n[[fruits.varieties]]\nname = 'granny'\n\n[[fruits]]\nname = 'banana'\n[[fruits.varieties]]\nname = 'plantain'\n",
    "list of tables below a table": "[a]\nb = 1\n[[a.c]]\nd = 1\n[[a.c]]\nd = 2\n[a.e]\nf = 3\n",
    "list of tables before its table": "[[a.b]]\nx = 1\n[a]\ny = 2\n",
    "list of tables with dotted keys": "[[a]]\nb.c = 1\nb.d = 2\n[[a]]\nb.c = 3\n[a.b.e]\nf = 1\n",
    "list of tables with blanks": "[[ a . b ]]\nx = 1\n[[ 'a'.\"b\" ]]\n",
    "same names in different tables": "[a]\nx = 1\n[b]\nx = 2\n[c]\nx.x = 3\n[x]\nx = 4\n",
    "sub-tables of later items": "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2\n[a.b.d]\n",
    "unicode": "s = 'Ünïcödé ☃ \U0001f600'\n\"ключ\" = \"значение\" # комментарий\n[\"表\"]\n\"キー\" = '値'\n",
    "wide config": "# LocalGPT\n\n[agent]\ndefault_model = \"claude-cli/opus\"\ncontext_window = 128000\n\n[providers.openai]\napi_key = \"${OPENAI_API_KEY}\"\n\n[memory]\nworkspace = \"~/.localgpt/workspace\"\npaths = [\n    { path = \"knowledge\", pattern = \"**/*.md\" },\n]\n\n[heartbeat]\nenabled = true\ninterval = \"30m\"\nactive_hours = { start = \"09:00\", end = \"22:00\" }\n",
}

INVALID = {
    "no value": "a =\n", "no value at the end": "a = ", "no equals": "a\n", "no equals at the end": "a",
    "no key": "= 1\n", "no key after a dot": "a. = 1\n", "dot first": ".a = 1\n", "two dots": "a..b = 1\n",
    "two keys on a line": "a = 1 b = 2\n", "two values": "a = 1 2\n", "comma after a value": "a = 1,\n",
    "key with a blank": "a b = 1\n", "bare unicode key": "ключ = 1\n", "key with a sign": "a+b = 1\n",
    "key with a hash": "a#b = 1\n", "key with @": "@a = 1\n", "multi-line key": "\"\"\"a\"\"\" = 1\n",
    "multi-line literal key": "'''a''' = 1\n", "newline in a quoted key": "\"a\nb\" = 1\n",
    "unclosed quoted key": "\"a = 1\n", "newline after equals": "a =\n1\n", "newline in a dotted key": "a.\nb = 1\n",
    "key over lines": "a\n= 1\n", "yaml": "a: 1\n", "bad escape in a key": "\"\\q\" = 1\n",
    "escape in a bare key": "\\u00c0 = 1\n", "double equals": "a == 1\n", "lone quote": "\"\n",
    "bare word": "a = hello\n", "bare words": "a = hello world\n", "True": "a = True\n", "FALSE": "a = FALSE\n",
    "yes": "a = yes\n", "null": "a = null\n", "almost true": "a = truer\n", "half true": "a = tru\n",
    "true with a sign": "a = +true\n", "path": "a = /usr/bin\n", "variable": "a = $HOME\n", "curly quotes": "a = \u201cx\u201d\n",
    "backticks": "a = `x`\n", "unterminated": "a = \"x\n", "unterminated at the end": "a = \"x", "unterminated literal": "a = 'x\n",
    "unterminated multi-line": "a = \"\"\"x\n", "unterminated multi-line literal": "a = '''x\n", "two quotes close": "a = \"\"\"x\"\"\n",
    "escaped close": "a = \"x\\\"\n", "text after a string": "a = \"x\" y\n", "text glued to a string": "a = \"x\"y\n",
    "six quotes at the end": "a = \"\"\"x\"\"\"\"\"\"\n", "six literal quotes": "a = '''x''''''\n", "quote in a literal": "a = 'it's'\n",
    "unknown escape": "a = \"\\a\"\n", "escape x": "a = \"\\x41\"\n", "escape slash": "a = \"\\/\"\n", "escape blank": "a = \"\\ x\"\n",
    "windows path": "a = \"C:\\Users\"\n", "short \\u": "a = \"\\u12\"\n", "bad \\u": "a = \"\\u12G4\"\n", "surrogate": "a = \"\\uD800\"\n",
    "last surrogate": "a = \"\\uDFFF\"\n", "too high": "a = \"\\U00110000\"\n", "far too high": "a = \"\\UFFFFFFFF\"\n", "short \\U": "a = \"\\U0001F60\"\n",
    "fold in a basic string": "a = \"x \\\n y\"\n", "fold before text": "a = \"\"\"x \\ y\"\"\"\n", "escape at the end": "a = \"\\",
    "control in a string": "a = \"x\u0001y\"\n", "DEL in a string": "a = \"x\u007fy\"\n", "control in a literal": "a = 'x\u001fy'\n",
    "control in multi-line": "a = \"\"\"x\u0000y\"\"\"\n", "control in multi-line literal": "a = '''x\u0008y'''\n",
    "control in a comment": "# x\u0001\n", "DEL in a comment": "# x\u007f\n", "NUL in a comment": "# x\u0000\n", "NUL": "\u0000",
    "lone CR in a comment": "# x\ry\n", "lone CR": "a = 1\rb = 2\n", "lone CR in a string": "a = \"x\ry\"\n",
    "lone CR in multi-line": "a = \"\"\"x\ry\"\"\"\n", "lone CR at the end": "a = 1\r", "form feed": "a = 1\f\n", "vertical tab": "\va = 1\n",
    "no-break space": "a\u00a0= 1\n", "bad byte": b"a = \"\xff\"\n", "bad byte in a comment": b"# \xc3\n", "overlong": b"a = \"\xc0\xaf\"\n",
    "encoded surrogate": b"a = \"\xed\xa0\x80\"\n", "utf-16": "a = 1\n".encode("utf-16"), "latin-1": b"a = \"caf\xe9\"\n",
    "two marks": "\ufeff\ufeffa = 1\n", "mark later": "a = 1\n\ufeffb = 2\n",
    "leading zero": "a = 01\n", "leading zero with sign": "a = -01\n", "double zero": "a = 00\n", "zero underscore": "a = 0_1\n",
    "leading underscore": "a = _1\n", "trailing underscore": "a = 1_\n", "double underscore": "a = 1__0\n", "two signs": "a = ++1\n",
    "sign alone": "a = +\n", "blank after sign": "a = - 1\n", "hex with sign": "a = +0x1\n", "negative hex": "a = -0xff\n",
    "hex alone": "a = 0x\n", "bad hex": "a = 0xg\n", "upper-case hex prefix": "a = 0X1\n", "hex with leading underscore": "a = 0x_1\n",
    "hex with trailing underscore": "a = 0x1_\n", "bad octal": "a = 0o8\n", "upper-case octal": "a = 0O7\n", "bad binary": "a = 0b2\n",
    "upper-case binary": "a = 0B1\n", "binary alone": "a = 0b\n", "number and unit": "a = 30m\n", "comma number": "a = 1,000\n",
    "dot first number": "a = .5\n", "dot last": "a = 5.\n", "dot last with sign": "a = +5.\n", "two dots in a number": "a = 1.2.3\n",
    "dot and exponent": "a = 1.e2\n", "exponent alone": "a = 1e\n", "exponent sign alone": "a = 1e+\n", "exponent with dot": "a = 1e2.3\n",
    "two exponents": "a = 1e2e3\n", "float leading zero": "a = 03.14\n", "underscore before dot": "a = 1_.2\n", "underscore after dot": "a = 1._2\n",
    "underscore at the end of a float": "a = 1.2_\n", "underscore before e": "a = 1_e2\n", "underscore after e": "a = 1e_2\n",
    "exponent first": "a = e1\n", "Inf": "a = Inf\n", "NaN": "a = NaN\n", "infinity": "a = infinity\n", "inf underscore": "a = in_f\n",
    "nan glued": "a = nanx\n", "two signs on inf": "a = +-inf\n",
    "month 13": "a = 2024-13-01\n", "month 0": "a = 2024-00-01\n", "day 0": "a = 2024-01-00\n", "day 32": "a = 2024-01-32\n",
    "30 February": "a = 2024-02-30\n", "29 February": "a = 2023-02-29\n", "29 February 1900": "a = 1900-02-29\n", "31 April": "a = 2024-04-31\n",
    "31 June": "a = 2024-06-31T00:00:00Z\n", "short year": "a = 999-01-01\n", "long year": "a = 12024-01-01\n", "short month": "a = 2024-1-01\n",
    "short day": "a = 2024-01-1\n", "date with T": "a = 2024-01-01T\n", "date with text": "a = 2024-01-01x\n", "hour 24": "a = 24:00:00\n",
    "minute 60": "a = 00:60:00\n", "second 61": "a = 00:00:61\n", "no seconds": "a = 07:32\n", "no seconds in a date-time": "a = 2024-01-01T07:32Z\n",
    "short hour": "a = 7:32:00\n", "dot without digits": "a = 07:32:00.\n", "time with offset": "a = 07:32:00Z\n", "date with offset": "a = 2024-01-01Z\n",
    "offset without colon": "a = 2024-01-01T00:00:00+0100\n", "offset hour alone": "a = 2024-01-01T00:00:00+01\n", "offset hour 24": "a = 2024-01-01T00:00:00+24:00\n",
    "offset minute 60": "a = 2024-01-01T00:00:00+00:60\n", "two blanks in a date-time": "a = 2024-01-01  00:00:00\n", "underscore date": "a = 2024-01-01_00:00:00\n",
    "comma fraction": "a = 07:32:00,5\n", "offset twice": "a = 2024-01-01T00:00:00ZZ\n", "negative date": "a = -2024-01-01\n", "date with time glued": "a = 2024-01-0107:32:00\n",
    "unclosed list": "a = [1, 2\n", "unclosed list at the end": "a = [", "list without comma": "a = [1 2]\n", "list with two commas": "a = [1,,2]\n",
    "list begins with comma": "a = [,1]\n", "comma alone": "a = [,]\n", "bare word in a list": "a = [x]\n", "list closes twice": "a = [1]]\n", "list closed by brace": "a = [1}\n",
    "text after a list": "a = [1] x\n", "key in a list": "a = [b = 1]\n", "list runs on": "a = [1, 2\nb = 3\n", "semicolons": "a = [1; 2]\n",
    "unclosed inline": "a = { b = 1\n", "unclosed inline at the end": "a = {", "inline over lines": "a = {\n b = 1\n}\n", "inline newline after comma": "a = { b = 1,\n c = 2 }\n",
    "inline trailing comma": "a = { b = 1, }\n", "inline comma first": "a = { , b = 1 }\n", "inline two commas": "a = { b = 1,, c = 2 }\n", "inline without comma": "a = { b = 1 c = 2 }\n",
    "inline comma alone": "a = {,}\n", "inline without value": "a = { b }\n", "inline comment": "a = { b = 1 # x\n}\n", "inline duplicate": "a = { b = 1, b = 2 }\n",
    "inline dotted over value": "a = { b = 1, b.c = 2 }\n", "inline value over dotted": "a = { b.c = 1, b = 2 }\n", "inline extended inside": "a = { b = { c = 1 }, b.d = 2 }\n",
    "inline json": "a = { \"b\": 1 }\n", "inline closed by bracket": "a = { b = 1 ]\n",
    "inline extended by dot": "a = { b = 1 }\na.c = 2\n", "inline extended by header": "a = { b = 1 }\n[a.c]\n", "inline defined again": "a = {}\n[a]\n", "inline as list of tables": "a = {}\n[[a]]\n",
    "inline in a table extended": "[t]\na = { b = {} }\n[t.a.b.c]\n", "list extended by header": "a = [{ b = 1 }]\n[a.c]\n", "list extended by item": "a = []\n[[a]]\n",
    "list extended by dot": "a = [{ b = 1 }]\na.c = 1\n", "nested list extended": "a = [[{}]]\n[a.b]\n",
    "duplicate key": "a = 1\na = 2\n", "duplicate quoted key": "a = 1\n\"a\" = 2\n", "duplicate literal key": "spelling = 1\n'spelling' = 2\n", "duplicate in a table": "[t]\na = 1\na = 2\n",
    "duplicate escaped key": "\"\\u0061\" = 1\na = 2\n", "dotted over value": "a.b = 1\na.b.c = 2\n", "value over dotted": "a.b.c = 1\na.b = 2\n", "dotted over root value": "a = 1\na.b = 2\n",
    "table twice": "[a]\n[a]\n", "table twice apart": "[a]\n[b]\n[a]\n", "table over a value": "a = 1\n[a]\n", "table below a value": "a = 1\n[a.b]\n", "table over dotted": "a.b = 1\n[a]\n",
    "table over dotted in a table": "[fruit]\napple.color = 1\n[fruit.apple]\n", "table over deep dotted": "[fruit]\napple.taste.sweet = 1\n[fruit.apple.taste]\n",
    "dotted into a table": "[a.b.c]\nz = 9\n[a]\nb.c.t = 1\n", "dotted into a deep table": "[a.b.c.d]\nz = 9\n[a]\nb.c.d.k.t = 1\n", "value over a sub-table": "[a.b]\n[a]\nb = 1\n",
    "dotted into a list of tables": "[[a.b]]\n[a]\nb.y = 2\n", "table over a list of tables": "[[a]]\n[a]\n", "list of tables over a table": "[a]\n[[a]]\n", "list of tables over an implicit table": "[a.b]\n[[a]]\n",
    "list of tables over a value": "a = 1\n[[a]]\n", "list of tables over dotted": "a.b = 1\n[[a]]\n", "sub-table before its list": "[fruit.physical]\n[[fruit]]\n", "list over a sub-table": "[[fruits]]\n[[fruits.v]]\n[fruits.v]\n",
    "item table twice": "[[a]]\n[a.b]\n[a.b]\n", "list over a table of an item": "[[a]]\n[a.b]\n[[a.b]]\n", "dotted then header in an item": "[[a]]\nb.c = 1\n[a.b]\n",
    "empty header": "[]\n", "empty item header": "[[]]\n", "blank header": "[ ]\n", "unclosed header": "[a\n", "unclosed header at the end": "[a", "header with a dot last": "[a.]\n", "header with a dot first": "[.a]\n", "header with two dots": "[a..b]\n",
    "header closed twice": "[a]]\n", "item closed once": "[[a]\n", "item brackets apart": "[ [a]]\n", "item brackets apart at the end": "[[a] ]\n", "text after a header": "[a] b\n", "key after a header": "[a] b = 1\n",
    "header with a blank": "[a b]\n", "header over lines": "[a\n]\n", "header with equals": "[a = 1]\n", "header with a bracket": "[a[b]\n", "header with a hash": "[a#b]\n", "two headers on a line": "[a][b]\n", "header with unicode": "[ü]\n",
    "multi-line header": "[\"\"\"a\"\"\"]\n", "bracket alone": "[\n", "closing bracket alone": "]\n", "brace alone": "{}\n", "value alone": "1 = \n", "string alone": "\"x\"\n",
    "hash in a value": "a = 1#2 3\nb\n", "json": "{ \"a\": 1 }\n", "ini comment": "; x\n", "c comment": "a = 1 // x\n",
}


class Generator:
    """A document with random content in random style. The tree has no name twice, so that every
    mixture of headers, dotted keys and inline tables is valid."""

    BARE = "abcdefghijklmnopqrstuvwxyzABCXYZ0189_-"
    TEXT = ["x", "two words", "tab\\there", "é", "\U0001f600", "#", "=", "[a]", "\\\"", "\\u00e9", "\\\\", "'", ""]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.n_names = 0

    def name(self):
        self.n_names += 1
        kind = self.random.randrange(8)
        base = "".join(self.random.choice(self.BARE) for _ in range(self.random.randint(1, 8)))
        base += str(self.n_names)
        if kind == 0:
            return f'"{base} k.\\u00e9"'
        if kind == 1:
            return f"'{base}#='"
        return base

    def date(self):
        r = self.random
        date = f"{r.randint(1, 9999):04}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        time = f"{r.randint(0, 23):02}:{r.randint(0, 59):02}:{r.randint(0, 59):02}"
        if r.randrange(2):
            time += "." + str(r.randint(0, 999999))
        form = r.randrange(4)
        if form == 0:
            return date
        if form == 1:
            return time
        both = date + r.choice("T t") + time
        return both if form == 2 else both + r.choice(["Z", "z", "+01:30", "-11:00"])

    def string(self, newlines):
        r = self.random
        parts = [r.choice(self.TEXT) for _ in range(r.randint(0, 4))]
        form = r.randrange(4)
        if form == 0:
            return '"' + "".join(parts) + '"'
        if form == 1:
            return "'" + "".join(parts).replace("'", "") + "'"
        glue = "\n" if newlines else " "
        if form == 2:
            return '"""' + r.choice(["", "\n"] if newlines else [""]) + glue.join(parts + r.choice([[], ["x \\\n   y"]] if newlines else [[]])) + ' """'
        return "'''" + glue.join(parts).replace("'", "") + "'''"

    def number(self):
        r = self.random
        return r.choice([
            str(r.randint(-10**6, 10**6)), f"{r.randint(0, 10**9):_}", hex(r.getrandbits(40)), oct(r.getrandbits(20)),
            bin(r.getrandbits(12)), f"{r.uniform(-1e3, 1e3):.6f}", f"{r.uniform(-9, 9):.3e}", "inf", "-inf", "+7", "-0.0",
            str(2**63 - 1), str(-2**63)])

    def value(self, depth, newlines=True):
        kind = self.random.randrange(12 if depth > 0 else 8)
        if kind < 3:
            return self.string(newlines)
        if kind < 6:
            return self.number()
        if kind == 6:
            return self.random.choice(["true", "false"])
        if kind == 7:
            return self.date()
        return self.list(depth, newlines) if kind < 10 else self.inline(depth)

    def list(self, depth, newlines):
        r = self.random
        items = [self.value(depth - 1, newlines) for _ in range(r.randint(0, 4))]
        if not newlines or r.randrange(2):
            return "[" + r.choice(["", " "]) + ", ".join(items) + r.choice(["", " "]) + "]"
        lines = [f"    {item},{r.choice(['', ' # item', '  '])}\n" for item in items]
        return "[\n" + "".join(lines) + r.choice(["", "    # end\n"]) + "]"

    def inline(self, depth):
        r = self.random
        members = [f"{self.key()} = {self.value(depth - 1, False)}" for _ in range(r.randint(0, 3))]
        return "{" + r.choice(["", " "]) + ", ".join(members) + r.choice(["", " "]) + "}"

    def key(self):
        dot = self.random.choice([".", ".", " . "])
        return dot.join(self.name() for _ in range(self.random.choice([1, 1, 1, 2, 3])))

    def entries(self, indent):
        r = self.random
        out = ""
        for _ in range(r.randint(0, 4)):
            if r.randrange(5) == 0:
                out += r.choice(["\n", f"{indent}# comment\n", f"{indent}#old = 1\n"])
            key = self.key()
            out += f"{indent}{key}{r.choice([' = ', '=', '   =  '])}{self.value(2)}{r.choice(['', '', ' # why', '  '])}\n"
            if "." in key and "'" not in key and '"' not in key and r.randrange(3) == 0:
                out += f"{indent}{key.rsplit('.', 1)[0].strip()}.{self.name()} = {self.value(1)}\n"
        return out

    def sections(self, prefix, depth):
        r = self.random
        out = ""
        for _ in range(r.randint(0, 3) if depth else 0):
            name = prefix + self.name()
            indent = r.choice(["", "", "  "])
            if r.randrange(4) == 0:
                out += f"\n# above\n" if r.randrange(2) else "\n"
            if r.randrange(3) == 0:
                for _ in range(r.randint(1, 3)):
                    out += f"{indent}[[{name}]]{r.choice(['', ' # item'])}\n" + self.entries(indent)
                    out += self.sections(name + ".", depth - 1) if r.randrange(2) else ""
                continue
            if r.randrange(4):
                out += f"{indent}[{name}]\n" + self.entries(indent)
            out += self.sections(name + ".", depth - 1)
        return out

    def document(self):
        r = self.random
        text = r.choice(["", "# top\n\n", "\ufeff"]) + self.entries("") + self.sections("", 3)
        if r.randrange(5) == 0 and text.endswith("\n"):
            text = text[:-1]
        return text.replace("\n", "\r\n") if r.randrange(5) == 0 else text


def generated(count):
    return {f"generated {seed}": Generator(seed).document() for seed in range(count)}


def mutated(texts, count):
    """Documents with one small accident each; most are invalid, some stay valid."""
    rng = random.Random(20261124)
    signs = list("[]{}=.,#\"'\\ \t\n\r_-+:0123456789eExobTZtruefalsinan") + ["é", "\u0001", '"""', "'''", "[[", "]]"]
    out = {}
    for number in range(count):
        text = rng.choice(texts)
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + rng.choice(signs) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 3):]
        elif kind == 2:
            text = text[:at] + rng.choice(signs) + text[at + 1:]
        else:
            end = min(len(text), at + rng.randint(1, 40))
            text = text[:end] + text[at:end] + text[end:]
        out[f"mutation {number}"] = text
    return out
