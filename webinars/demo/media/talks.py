"""What is said and shown in the five demonstration clips.

A caption is one sentence, so a sentence must fit two lines of 42 characters, in Spanish too.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One sentence: as shown in the captions, and as spoken where that differs ("911")."""

    en: str
    es: str = ""
    spoken: str = ""


@dataclass(frozen=True)
class Chapter:
    """A part of a talk with its own slide."""

    title: str
    #: Three at most, each short enough for one line of the slide.
    points: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Talk:
    """One clip. `art` names the picture in art.py; `voice` is one of espeak-ng's, with its pitch."""

    slug: str
    title_rows: tuple[str, ...]
    speaker: str
    role: str
    voice: str
    pitch: int
    art: str
    chapters: tuple[Chapter, ...]

    @property
    def title(self) -> str:
        """Return the title in one row."""
        return " ".join(self.title_rows)

    @property
    def caption_languages(self) -> tuple[str, ...]:
        """Return the languages into which every sentence was translated."""
        lines = [line for chapter in self.chapters for line in chapter.lines]
        return ("en", "es") if all(line.es for line in lines) else ("en",)


TRIAL_SUMMARY = Talk(
    slug="how-to-read-a-trial-summary",
    title_rows=("How to read", "a trial summary"),
    speaker="Mei-Ling Tan, MPH",
    role="Clinical trial navigator",
    voice="en-us+f3",
    pitch=46,
    art="path",
    chapters=(
        Chapter(
            "Find the question",
            ("What is being tested?", "Compared with what?", "What will be measured?"),
            (
                Line("A trial summary looks long, but three places tell you most of it."),
                Line("Start with the question the trial asks."),
                Line("Look for what is being tested, and what it is compared with."),
            ),
        ),
        Chapter(
            "See if it could fit you",
            ("Type and stage of cancer", "Earlier treatments", "Test results"),
            (
                Line("Next, find the part called eligibility."),
                Line("It lists the type of cancer, earlier treatments, and test results."),
                Line("If one line rules you out, ask anyway. Another trial may be open."),
            ),
        ),
        Chapter(
            "Read the schedule",
            ("How many visits, and where?", "Which tests are extra?", "Who pays for what?"),
            (
                Line("Then read the schedule. How many visits are there, and where?"),
                Line("Ask which tests are extra, and who pays for each of them."),
                Line("You can say no, and you can leave a trial at any time."),
                Line("Mark what you do not understand, and take the page to your own team."),
            ),
        ),
    ),
)

CAR_T = Talk(
    slug="how-car-t-cell-therapy-works",
    title_rows=("How CAR T-cell", "therapy works"),
    speaker="Nadia Rahimi, MD, PhD",
    role="Hematologist, cell therapy unit",
    voice="en-gb+f2",
    pitch=40,
    art="cells",
    chapters=(
        Chapter(
            "Collect",
            ("T cells leave in the blood", "A machine sorts them", "The rest goes back to you"),
            (
                Line("T cells are white blood cells that look for signs of trouble."),
                Line("In CAR T-cell therapy, your own T cells are collected from your blood."),
                Line("A machine keeps those cells, and gives the rest of your blood back."),
            ),
        ),
        Chapter(
            "Change and grow",
            ("A new receptor: the CAR", "It finds a marker", "The cells multiply"),
            (
                Line("In a laboratory, the cells are given a new receptor, called a CAR."),
                Line("It helps them recognize a marker on the cancer cells."),
                Line("Then the cells are grown. This often takes several weeks."),
            ),
        ),
        Chapter(
            "Return and watch",
            ("Chemotherapy makes room", "The cells are given back", "Fever or confusion: call"),
            (
                Line("Most people have a few days of chemotherapy, to make room."),
                Line("Then the cells go back into your blood, much like a transfusion."),
                Line("In the first weeks, fever or confusion can be a warning sign."),
                Line("That is why you stay near the treatment center, with someone beside you."),
            ),
        ),
    ),
)

EARLY_SIGNS = Talk(
    slug="early-signs-to-report",
    title_rows=("Early signs", "to report"),
    speaker="Joyce Okafor, RN, OCN",
    role="Immunotherapy nurse",
    voice="en-us+f2",
    pitch=38,
    art="lighthouse",
    chapters=(
        Chapter(
            "Why they can come late",
            ("The immune system wakes up", "Healthy parts may be irritated", "Weeks or months later"),
            (
                Line(
                    "Immunotherapy helps your immune system to fight cancer.",
                    "La inmunoterapia ayuda a sus defensas a luchar contra el cáncer.",
                ),
                Line(
                    "Sometimes it also irritates healthy parts of the body.",
                    "A veces también irrita partes sanas del cuerpo.",
                ),
                Line(
                    "This can begin in the first weeks, or months after the last dose.",
                    "Puede empezar en las primeras semanas o meses después de la última dosis.",
                ),
            ),
        ),
        Chapter(
            "Skin, bowel, breath",
            ("A rash that spreads or blisters", "Diarrhea", "A new cough, short of breath"),
            (
                Line(
                    "Watch your skin. Report a rash that spreads, hurts, or blisters.",
                    "La piel: avise si un sarpullido se extiende, duele o forma ampollas.",
                ),
                Line(
                    "Watch your bowel. Report diarrhea, or going more often than usual.",
                    "El intestino: avise si tiene diarrea o va al baño más de lo habitual.",
                ),
                Line(
                    "Watch your breath. Report a new cough, or feeling short of breath.",
                    "La respiración: avise si tiene tos nueva o le falta el aire.",
                ),
            ),
        ),
        Chapter(
            "Call early",
            ("Call the same day", "Say “immunotherapy”", "Ask before new medicine"),
            (
                Line(
                    "Call on the day you notice a change. Do not wait for your next visit.",
                    "Llame el mismo día que note un cambio. No espere a su próxima cita.",
                ),
                Line(
                    "Say that you have had immunotherapy, even if it was long ago.",
                    "Diga que recibió inmunoterapia, aunque haya sido hace tiempo.",
                ),
                Line(
                    "Ask before you take any new medicine for it.",
                    "Pregunte antes de tomar un medicamento nuevo para ello.",
                ),
                Line(
                    "If it is hard to breathe, or your chest hurts, call 911.",
                    "Si le cuesta respirar o le duele el pecho, llame al 911.",
                    spoken="If it is hard to breathe, or your chest hurts, call nine, one, one.",
                ),
            ),
        ),
    ),
)

CAREGIVER = Talk(
    slug="caring-for-someone-on-immunotherapy",
    title_rows=("Caring for someone", "on immunotherapy"),
    speaker="Marcus Bell",
    role="Cared for his wife at home",
    voice="en-us+m3",
    pitch=38,
    art="mugs",
    chapters=(
        Chapter(
            "Be a second pair of ears",
            ("Go along, or join by phone", "Write it down", "Read it back together"),
            (
                Line("My wife had immunotherapy for two years. I learned three things."),
                Line("First, go along to visits, or join by phone, and write things down."),
                Line("Two people remember more than one."),
            ),
        ),
        Chapter(
            "Keep one page ready",
            ("Her treatment", "Her medicines", "The number to call at night"),
            (
                Line("Second, keep one page ready by the door."),
                Line("Ours had her treatment, her medicines, and the number to call at night."),
                Line("Twice, that page saved us time in the emergency room."),
            ),
        ),
        Chapter(
            "Look after yourself",
            ("Notice small changes", "Ask for one thing a week", "Rest is part of the plan"),
            (
                Line("Third, notice small changes. I often saw them before she did."),
                Line("And look after yourself. Ask one friend for one thing a week."),
                Line("You are allowed to be tired. It does not mean you care less."),
            ),
        ),
    ),
)

DOCTOR_CLIP = Talk(
    slug="a-doctor-explains-side-effects",
    title_rows=("A doctor explains", "side effects"),
    speaker="Samuel Lindqvist, MD",
    role="Medical oncologist",
    voice="en-gb",
    pitch=40,
    art="phone",
    chapters=(
        Chapter(
            "What is different",
            ("Not like chemotherapy", "An overactive immune system", "Any part of the body"),
            (
                Line("Side effects of immunotherapy are not like those of chemotherapy."),
                Line("They often come from an immune system that is too active."),
                Line("Any part of the body can be involved. Skin and bowel are common."),
            ),
        ),
        Chapter(
            "How we treat them",
            ("Watch, or use a cream", "Pause the treatment", "Calm the immune system"),
            (
                Line("Many are mild, and need only watching, or a cream."),
                Line("Sometimes we pause treatment, or calm the immune system with medicine."),
                Line("Please do not start or stop such medicine on your own."),
            ),
        ),
        Chapter(
            "What you can do",
            ("Carry a card", "Show it everywhere", "Call when something is new"),
            (
                Line("Carry a card that says you have had immunotherapy."),
                Line("Show it to every doctor, dentist, and pharmacist you see."),
                Line("And when something is new, call us. We want to hear from you."),
            ),
        ),
    ),
)

TALKS = (TRIAL_SUMMARY, CAR_T, EARLY_SIGNS, CAREGIVER, DOCTOR_CLIP)
