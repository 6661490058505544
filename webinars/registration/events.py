"""What happened to places, in the past tense.

All but the last ones are sent with the registration and the keywords ``now`` and ``by``, which is "registrant",
"staff" or "webinar".
The first two and switched_to_recording also carry ``quiet``: no letter is to answer it, the person was told already.
"""

from blinker import Namespace

_signals = Namespace()

#: somebody got a seat by registering, coming back, or choosing to take part live after all
place_confirmed = _signals.signal("place-confirmed")
#: somebody got a place in line the same way
place_waitlisted = _signals.signal("place-waitlisted")
#: somebody got a seat, a place in line or the recording the same way, until their address is proven in time
place_held = _signals.signal("place-held")
#: a freed or new seat went to the next in line
place_promoted = _signals.signal("place-promoted")
#: a freed or new seat is held for the next in line until they say yes
seat_offered = _signals.signal("seat-offered")
#: they did not in time; the place is cancelled, or waits for the recording
offer_lapsed = _signals.signal("offer-lapsed")
place_cancelled = _signals.signal("place-cancelled")
#: somebody will watch the recording and holds no seat; also who registered that way
switched_to_recording = _signals.signal("switched-to-recording")
#: a cancellation was taken back; place_confirmed, place_waitlisted or switched_to_recording has told the rest
place_restored = _signals.signal("place-restored")
#: somebody registered for several dates of a series at once; sent with their places that no letter answered yet, in
#: order of time, ``now`` and ``not_before``
dates_taken = _signals.signal("dates-taken")
#: the letter of the present state is wanted once more; also sent with ``request_id``
place_repeated = _signals.signal("place-repeated")
#: staff or the person corrected what letters are made of; nothing to send by itself
place_edited = _signals.signal("place-edited")
#: somebody asked for their links; sent with the address as typed, ``now`` and ``request_id``
link_requested = _signals.signal("link-requested")
#: unusually many signed up within an hour; sent with the wave and ``now``
wave_noticed = _signals.signal("wave-noticed")
#: somebody wants their letters at another address; sent with the AddressChange and ``now``
address_asked = _signals.signal("address-asked")
#: they showed that it is theirs; sent with a place that has it, ``now``, ``before`` (the address until then) and
#: ``taken``, the SEQUENCE that takes the place's entry from the calendar there, or None
address_changed = _signals.signal("address-changed")
#: a question, not a deed: what staff wrote to a place; each receiver answers with a list of things that have ``at``,
#: ``language``, ``subject`` and ``text`` (safe HTML)
news_asked = _signals.signal("news-asked")
#: a list of people was entered at once; sent with the webinar, ``now``, ``quiet``, ``key`` (which list) and ``places``
#: (selects the ids of the registrations that got a place by it)
places_entered = _signals.signal("places-entered")
