"""A conformance filter with a fault, to put to the laws: `python faulty.py FAULT`.

Answers as ours does, except: `early` breaks ties the wrong way, `mute` says nothing, `mad` says what is no
JSON, `vague` says what was not asked, `ends` ends at once, `loose` writes an op that is not in normal form.
`none` has no fault.
"""

import json
import sys

from ot.conformance import answer

fault = sys.argv[1]
for line in sys.stdin.buffer:
    request = json.loads(line)
    if fault == "ends":
        break
    if fault == "early" and request["fn"] == "transform":
        request["side"] = "left"
    said = json.dumps(answer(json.dumps(request).encode()))
    if fault == "loose" and '"op"' in said:
        said = '{"op": {"l": [["k", 1], ["k", 1]]}}'
    said = {"mad": "{", "vague": "{}"}.get(fault, said)
    if fault != "mute":
        sys.stdout.write(said + "\n")
        sys.stdout.flush()
