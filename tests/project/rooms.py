"""The rooms of the house, and the edges between them."""

from __future__ import annotations

from typing import Dict, Tuple

# Each room with the rooms it imports, from the ground up: a room imports only what stands above it
# in this table. `plugins._memcache` is `memcache` here, to keep the lines short.
ROOMS: Dict[str, str] = {
    "errors": "",
    "_timeline": "",
    "_patches": "",
    "_scopes": "_patches",
    "_callsite": "_timeline",
    "_parsing": "",
    "report": "",
    "plugins": "",
    "memcache": "",
    "_matching": "",
    "memcache.snapshot": "_matching",
    "_mocks": "_matching _timeline",
    "report.values": "_matching",
    "report.parts": "_callsite _mocks _timeline report.values",
    "report.expressions": "_matching _parsing report.values",
    "_accept.facts": "",
    "_accept.layout": "",
    "_accept.source": "_parsing",
    "_accept.names": "_accept.source _parsing",
    "_accept.places": "_accept.source _parsing",
    "_accept.plans": "_accept.facts _accept.layout _accept.names _accept.places _accept.source",
    "_accept.acceptance": "_accept.facts _accept.plans _accept.source _timeline report.parts",
    "_plugin": "_mocks _patches _timeline errors",
    "memcache.nodes": "_callsite",
    "_orders": "",
    "_time": "",
    "_time.waiting": "",
    "_orders.crew": "_time.waiting",
    "_time.locks": "_time.waiting",
    "_time.virtual": "_time.locks _time.waiting",
    "_swallowed": "",
    "_swallowed.lost": "",
    "_swallowed.source": "_parsing",
    "_swallowed.handlers": "_parsing _swallowed.source",
    "_swallowed.testcode": "_callsite errors",
    "_swallowed.visible": "",
    "_swallowed.violations": "_swallowed.handlers _swallowed.lost _swallowed.source "
    "_swallowed.testcode _swallowed.visible _timeline errors report.values",
    "_state": "_swallowed.testcode _swallowed.violations _timeline errors",
    "_orders.markers": "_time.waiting",
    "_accept": "",
    "memcache.clock": "",
    "memcache.stand_ins": "",
    "memcache.class_patch": "memcache.stand_ins",
    "memcache.replying": "",
    "memcache.replying.call": "",
    "memcache.replying.stats": "_matching",
    "memcache.replying.reply": "memcache.replying.call memcache.replying.stats",
    "memcache.server.items": "",
    "memcache.server.protocol": "",
    "memcache.holding": "memcache.server.items memcache.server.protocol",
    "memcache.server.stats": "memcache.server.items memcache.server.protocol",
    "memcache.server.server": "memcache.server.items memcache.server.protocol "
    "memcache.server.stats",
    "memcache.server": "memcache.server.items memcache.server.protocol memcache.server.server",
    "_sweeps": "",
    "_any_order": "_callsite errors report.parts",
    "_assertions": "_matching _timeline",
    "_inert": "errors",
    "memcache.comparing": "_matching memcache.replying.call report.values",
    "memcache.commands": "_callsite errors memcache.comparing memcache.snapshot",
    "memcache.families": "memcache.commands",
    "memcache.replying.values": "_matching memcache.commands memcache.replying.reply report.values",
    "memcache.replying.hits": "_matching memcache.replying.call memcache.replying.reply "
    "memcache.replying.values",
    "memcache.replying.encoding": "_matching memcache.replying.call memcache.replying.hits "
    "memcache.replying.reply memcache.replying.stats memcache.replying.values",
    "memcache.replying.judging": "_matching memcache.replying.call memcache.replying.hits "
    "memcache.replying.reply memcache.replying.values memcache.snapshot report.values",
    "memcache.missing": "memcache.commands memcache.families",
    "memcache.mocked": "_assertions memcache.commands memcache.stand_ins report.values",
    "report.pasting": "_matching _plugin _timeline report.parts report.values",
    "report.verification": "_assertions _matching _mocks _plugin _swallowed.violations "
    "_timeline errors report.parts report.pasting report.values",
    "_verifier": "_any_order _assertions _inert _patches _plugin _scopes _state "
    "_swallowed.testcode _swallowed.violations _timeline errors report.pasting "
    "report.verification",
    "memcache.paste": "_matching _timeline memcache.commands memcache.families "
    "memcache.replying.reply report.expressions report.pasting report.values",
    "memcache.wire": "_mocks _timeline errors memcache.commands memcache.comparing "
    "memcache.paste memcache.snapshot",
    "memcache.outages": "_timeline memcache.wire report.parts",
    "memcache.servers": "_timeline memcache.clock memcache.server memcache.server.items "
    "memcache.wire",
    "memcache.texts": "_matching _mocks _scopes _timeline memcache.paste memcache.wire "
    "report.parts report.values",
    "memcache.inventory": "_matching memcache.comparing memcache.holding memcache.server.items "
    "memcache.server.protocol memcache.servers memcache.wire report.expressions report.parts "
    "report.pasting report.values",
    "memcache.asserting": "_any_order _assertions _verifier memcache.commands memcache.families "
    "memcache.missing memcache.mocked report.values",
    "memcache.meant": "_scopes errors memcache.class_patch memcache.commands memcache.stand_ins "
    "memcache.texts memcache.wire",
    "memcache.interception": "_callsite errors memcache.class_patch memcache.commands "
    "memcache.meant memcache.stand_ins memcache.texts memcache.wire",
    "memcache.mocking": "_matching _mocks _state errors memcache.commands "
    "memcache.replying.encoding memcache.replying.judging memcache.replying.reply "
    "memcache.server memcache.texts memcache.wire",
    "_accept.passes": "_accept.facts _callsite _matching _plugin _timeline",
    "_accept.verifier": "_accept.acceptance _accept.facts _accept.passes _assertions _mocks "
    "_plugin _swallowed.testcode _swallowed.violations _verifier errors report.parts "
    "report.values report.verification",
    "_accepting": "_accept.acceptance _accept.verifier _verifier",
    "_test": "_accepting _inert _plugin _scopes _swallowed.violations _verifier",
    "report.labels": "report.values",
    "_orders.steps": "report.labels",
    "_orders.schedules": "_orders.steps",
    "_orders.sharing": "_orders.steps",
    "_orders.search": "_orders.sharing _orders.steps",
    "_orders.workers": "_orders.crew _orders.steps _time.locks _time.waiting report.labels",
    "_orders.shift": "_orders.crew _orders.steps _orders.workers _time.locks _time.waiting "
    "_timeline",
    "_orders.scheduler": "_orders.crew _orders.schedules _orders.shift _orders.steps "
    "_orders.workers _time.waiting errors report.labels",
    "report.rounds": "report.labels report.values",
    "_orders.failed_order": "_orders.schedules _orders.shift _orders.steps _orders.workers "
    "_timeline errors report.labels report.parts report.rounds",
    "_sweeps.faulty": "_callsite _time.waiting _timeline report.labels",
    "report.sweep": "_timeline report.labels report.parts report.rounds report.values",
    "_sweeps.judge": "_callsite _matching _sweeps.faulty _time.waiting errors report.parts "
    "report.sweep",
    "memcache.serving": "_mocks _patches _sweeps.faulty _timeline errors memcache.commands "
    "memcache.holding memcache.interception memcache.replying.call memcache.server.protocol "
    "memcache.servers memcache.texts memcache.wire report.parts",
    "memcache.store": "_callsite _inert _mocks _state _timeline _verifier errors memcache.clock "
    "memcache.commands memcache.holding memcache.inventory memcache.server "
    "memcache.server.protocol memcache.servers memcache.serving memcache.wire report.parts "
    "report.pasting",
    "memcache.answers": "_callsite _mocks _timeline _verifier errors memcache.clock "
    "memcache.commands memcache.mocked memcache.mocking memcache.nodes memcache.outages "
    "memcache.serving memcache.store memcache.texts memcache.wire report.values",
    "memcache.rounds": "_patches _state _swallowed.violations _verifier memcache.answers "
    "report.pasting report.verification",
    "memcache.stopgap": "_plugin errors memcache.clock memcache.outages memcache.paste "
    "memcache.replying.reply memcache.server.protocol memcache.servers memcache.serving "
    "memcache.wire report.expressions",
    "memcache.labels": "memcache.holding memcache.server memcache.server.items "
    "memcache.server.protocol memcache.wire report.labels report.parts report.values",
    "memcache.stepping": "_orders.steps memcache.labels memcache.replying.call memcache.server "
    "memcache.server.protocol memcache.wire report.labels",
    "memcache.faults": "_sweeps.faulty _time.waiting memcache.answers memcache.holding "
    "memcache.labels memcache.server.protocol memcache.serving memcache.wire",
    "report.differing": "report.labels",
    "memcache.around": "memcache.class_patch memcache.commands memcache.interception "
    "memcache.stand_ins",
    "_rounds": "_time.waiting errors",
    "_interleave": "_callsite _orders.crew _orders.failed_order _orders.scheduler "
    "_orders.schedules _orders.search _orders.shift _orders.steps _rounds _time.virtual "
    "_time.waiting errors report.differing report.parts",
    "_sweep": "_rounds _sweeps.faulty _sweeps.judge _time.virtual _time.waiting errors "
    "report.differing report.sweep",
    "memcache.orders": "_callsite _interleave _orders.scheduler _orders.steps _time.waiting "
    "errors memcache.answers memcache.commands memcache.replying.call memcache.rounds "
    "memcache.server.protocol memcache.stepping memcache.texts memcache.wire report.labels",
    "memcache.sweeping": "_callsite _sweep _sweeps.faulty _time.waiting memcache.answers "
    "memcache.commands memcache.faults memcache.rounds",
    "memcache.world": "_callsite _sweeps.judge _verifier memcache.answers memcache.clock "
    "memcache.commands memcache.faults memcache.holding memcache.orders memcache.store "
    "memcache.sweeping",
    "plugins.memcache_plugin": "_callsite _inert _mocks _plugin _timeline _verifier "
    "memcache.answers memcache.around memcache.asserting memcache.commands memcache.families "
    "memcache.faults memcache.holding memcache.interception memcache.mocked memcache.nodes "
    "memcache.replying.reply memcache.stopgap memcache.store memcache.world",
    "_module": "_inert _scopes _verifier plugins.memcache_plugin",
    "_strict": "_scopes _swallowed.testcode _swallowed.violations _swallowed.visible _test "
    "_verifier errors plugins.memcache_plugin",
    "testcase": "_inert _scopes _swallowed.violations _test _verifier errors "
    "plugins.memcache_plugin",
    "": "_module _orders.markers _strict _swallowed.violations _timeline _verifier errors "
    "plugins.memcache_plugin testcase",
}

# What can be used by itself, though no user meets it: the folder of its tests, and its rooms.
DOORS: Dict[str, Tuple[str, ...]] = {
    "accept": (
        "tripwire._accept.acceptance",
        "tripwire._accept.facts",
        "tripwire._accept.layout",
        "tripwire._accept.names",
        "tripwire._accept.places",
        "tripwire._accept.plans",
        "tripwire._accept.source",
        "tripwire._accept.verifier",
        "tripwire._accepting",
    ),
    "assertions": ("tripwire._matching",),
    "project": ("tripwire._assertions", "tripwire._scopes", "tripwire._timeline"),
    "replying": ("tripwire._matching",),
    "server": ("tripwire.plugins._memcache.server",),
    "rounds": (
        "tripwire._callsite",
        "tripwire._interleave",
        "tripwire._orders",
        "tripwire._orders.schedules",
        "tripwire._orders.scheduler",
        "tripwire._orders.search",
        "tripwire._orders.sharing",
        "tripwire._orders.steps",
        "tripwire._time.virtual",
        "tripwire._time.waiting",
    ),
}
