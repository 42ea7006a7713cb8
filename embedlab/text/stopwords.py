"""Words of English that say little by themselves."""

from __future__ import annotations

# English function words, and what people say around their point ("please", "want", "thanks").
_STOP = """
a about above after again against all also although am among an and any are aren't as at away be
because been before being below between both but by can can't cannot come could couldn't d did
didn't do does doesn't doing don don't done during each either else etc ever every few for from
further get gets getting give go goes going gonna got had hadn't has hasn't have haven't having he
he'd he'll her here hers herself hi him himself his how however i i'd i'll i'm i've if in instead
into is isn't it its itself just know let like ll make makes many may maybe me might mine more most
much must my myself need needs neither no nor not now of off on once one only or other our ours
ourselves out over own please put rather re really s same see shall she she'd she'll should
shouldn't since so some something such sure t than thank thanks that the their theirs them
themselves then there these they they'd they'll they're they've thing things this those through thus
to too toward towards under until up upon us use used using ve very via want wanted wants was wasn't
way we we'd we'll we're we've well were weren't what when where whether which while who whom whose
why will with within without won't would wouldn't yes yet you you'd you'll you're you've your yours
yourself yourselves cant couldnt didnt doesnt dont hasnt havent im isnt ive wasnt wont wouldnt youre
e.g. i.e.
"""
STOP_WORDS = frozenset(_STOP.split())
# Stop words that may still end a pair of words: "top up", "turn off".
PARTICLES = frozenset(("away", "back", "down", "off", "out", "over", "up"))
