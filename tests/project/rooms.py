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
    "_plain": "",
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
    "memcache.patching.nodes": "_callsite",
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
    "memcache.store.clock": "",
    "memcache.patching.stand_ins": "",
    "memcache.patching.class_patch": "memcache.patching.stand_ins",
    "memcache.asserting": "",
    "memcache.patching": "",
    "memcache.replying": "",
    "memcache.rounds": "",
    "memcache.store": "",
    "memcache.replying.call": "",
    "memcache.replying.stats": "_matching",
    "memcache.replying.reply": "memcache.replying.call memcache.replying.stats",
    "memcache.server.items": "",
    "memcache.server.protocol": "",
    "memcache.store.holding": "memcache.server.items memcache.server.protocol",
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
    "memcache.asserting.families": "memcache.commands",
    "memcache.replying.values": "_matching memcache.commands memcache.replying.reply report.values",
    "memcache.replying.hits": "_matching memcache.replying.call memcache.replying.reply "
    "memcache.replying.values",
    "memcache.replying.encoding": "_matching memcache.replying.call memcache.replying.hits "
    "memcache.replying.reply memcache.replying.stats memcache.replying.values",
    "memcache.replying.judging": "_matching memcache.replying.call memcache.replying.hits "
    "memcache.replying.reply memcache.replying.values memcache.snapshot report.values",
    "memcache.asserting.missing": "memcache.asserting.families memcache.commands",
    "memcache.asserting.mocked": "_assertions memcache.commands memcache.patching.stand_ins "
    "report.values",
    "report.pasting": "_matching _plugin _timeline report.parts report.values",
    "report.verification": "_assertions _matching _mocks _plugin _swallowed.violations "
    "_timeline errors report.parts report.pasting report.values",
    "_verifier": "_any_order _assertions _inert _patches _plugin _scopes _state "
    "_swallowed.testcode _swallowed.violations _timeline errors report.pasting "
    "report.verification",
    "memcache.asserting.paste": "_matching _timeline memcache.asserting.families "
    "memcache.commands memcache.replying.reply report.expressions report.pasting report.values",
    "memcache.wire": "_mocks _timeline errors memcache.asserting.paste memcache.commands "
    "memcache.comparing memcache.snapshot",
    "memcache.store.outages": "_timeline memcache.wire report.parts",
    "memcache.store.servers": "_timeline memcache.server memcache.server.items "
    "memcache.store.clock memcache.wire",
    "memcache.texts": "_matching _mocks _scopes _timeline memcache.asserting.paste "
    "memcache.wire report.parts report.values",
    "memcache.store.inventory": "_matching memcache.comparing memcache.server.items "
    "memcache.server.protocol memcache.store.holding memcache.store.servers memcache.wire "
    "report.expressions report.parts report.pasting report.values",
    "memcache.asserting.assertions": "_any_order _assertions _verifier "
    "memcache.asserting.families memcache.asserting.missing memcache.asserting.mocked "
    "memcache.commands report.values",
    "memcache.patching.meant": "_scopes errors memcache.commands memcache.patching.class_patch "
    "memcache.patching.stand_ins memcache.texts memcache.wire",
    "memcache.patching.interception": "_callsite errors memcache.commands "
    "memcache.patching.class_patch memcache.patching.meant memcache.patching.stand_ins "
    "memcache.texts memcache.wire",
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
    "memcache.rounds.labels": "memcache.server memcache.server.items memcache.server.protocol "
    "memcache.store.holding memcache.wire report.labels report.parts report.values",
    "memcache.rounds.stepping": "_orders.steps memcache.replying.call memcache.rounds.labels "
    "memcache.server memcache.server.protocol memcache.wire report.labels",
    "report.differing": "report.labels",
    "memcache.patching.around": "memcache.commands memcache.patching.class_patch "
    "memcache.patching.interception memcache.patching.stand_ins",
    "_rounds": "_time.waiting errors",
    "memcache.store.serving": "_mocks _patches _plain _sweeps.faulty _timeline errors "
    "memcache.commands memcache.patching.interception memcache.replying.call "
    "memcache.server.protocol memcache.store.holding memcache.store.servers memcache.texts "
    "memcache.wire report.parts",
    "memcache.store.store": "_callsite _inert _mocks _state _timeline _verifier errors "
    "memcache.commands memcache.server memcache.server.protocol memcache.store.clock "
    "memcache.store.holding memcache.store.inventory memcache.store.servers "
    "memcache.store.serving memcache.wire report.parts report.pasting",
    "memcache.answers": "_callsite _mocks _timeline _verifier errors memcache.asserting.mocked "
    "memcache.commands memcache.mocking memcache.patching.nodes memcache.store.clock "
    "memcache.store.outages memcache.store.serving memcache.store.store memcache.texts "
    "memcache.wire report.values",
    "memcache.rounds.one_round": "_patches _state _swallowed.violations _verifier "
    "memcache.answers report.pasting report.verification",
    "memcache.store.stopgap": "_plugin errors memcache.asserting.paste memcache.replying.reply "
    "memcache.server.protocol memcache.store.clock memcache.store.outages "
    "memcache.store.servers memcache.store.serving memcache.wire report.expressions",
    "memcache.rounds.faults": "_sweeps.faulty _time.waiting memcache.answers "
    "memcache.rounds.labels memcache.server.protocol memcache.store.holding "
    "memcache.store.serving memcache.wire",
    "_interleave": "_callsite _orders.crew _orders.failed_order _orders.scheduler "
    "_orders.schedules _orders.search _orders.shift _orders.steps _plain _rounds _time.virtual "
    "_time.waiting errors report.differing report.parts",
    "_sweep": "_plain _rounds _sweeps.faulty _sweeps.judge _time.virtual _time.waiting errors "
    "report.differing report.sweep",
    "memcache.rounds.orders": "_callsite _interleave _orders.scheduler _orders.steps "
    "_time.waiting errors memcache.answers memcache.commands memcache.replying.call "
    "memcache.rounds.one_round memcache.rounds.stepping memcache.server.protocol memcache.texts "
    "memcache.wire report.labels",
    "memcache.rounds.sweeping": "_callsite _sweep _sweeps.faulty _time.waiting memcache.answers "
    "memcache.commands memcache.rounds.faults memcache.rounds.one_round",
    "memcache.world": "_callsite _plain _sweeps.judge _verifier memcache.answers "
    "memcache.commands memcache.rounds.faults memcache.rounds.orders memcache.rounds.sweeping "
    "memcache.store.clock memcache.store.holding memcache.store.store",
    "plugins.memcache_plugin": "_callsite _inert _mocks _plugin _timeline _verifier "
    "memcache.answers memcache.asserting.assertions memcache.asserting.families "
    "memcache.asserting.mocked memcache.commands memcache.patching.around "
    "memcache.patching.interception memcache.patching.nodes memcache.replying.reply "
    "memcache.rounds.faults memcache.store.holding memcache.store.stopgap memcache.store.store "
    "memcache.world",
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
