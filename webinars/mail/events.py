"""What happened to letters; sent inside the transaction that marks the row."""

from blinker import Namespace

_events = Namespace()

#: sender: a list of webinars.mail.letters.Sent; keyword: now
letters_sent = _events.signal("letters-sent")
#: sender: the message, which is not tried again; keywords: refused (key of the address that a server refused, None for
#: another cause), now
letter_failed = _events.signal("letter-failed")
#: sender: the message, which was superfluous when its turn came; keyword: now
letter_withheld = _events.signal("letter-withheld")
#: a server gave a letter back that it had taken. Sender: the message; keywords: hard (its address takes no mail and
#: never will), words (the server's, without addresses), recipients (folded addresses that the report names), now
letter_bounced = _events.signal("letter-bounced")
#: a question: somebody's calendar answered an invitation. Sender: a CalendarAnswer; keyword: now; whoever knows the
#: invitation gives a Followed, everybody else None
calendar_answered = _events.signal("calendar-answered")
#: a question: a mail came to the address that ends what a letter belongs to. Sender: the message; keyword: now; whoever
#: ended something gives True
left_by_mail = _events.signal("left-by-mail")
#: a reader called a letter spam. Sender: the message; keyword: now
complained = _events.signal("complained")
