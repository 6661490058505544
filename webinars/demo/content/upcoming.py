"""What is to come: one of each state a page can show, among them full, cancelled, a draft and one in Spanish."""

from webinars.demo.content.shapes import SampleLetter, SampleWebinar, described

PHONE = "1-800-555-0123"

#: what one of the registrants wrote back to a letter
LETTER_TO_STAFF = SampleLetter(
    title="Re: Your place is saved",
    text="Thank you for the invitation. My father would like to listen too, but he has no computer. Can he call "
    "in with the same number, or does he need a place of his own?",
)

CLINICAL_TRIALS = SampleWebinar(
    slug="clinical-trials-and-immunotherapy",
    series="clinical-trials",
    title="Clinical Trials & Immunotherapy",
    summary="A trial navigator and a woman who joined a trial walk you through what it asks of you and what it may "
    "give you.",
    description=described(
        "Many immunotherapies of today were trials a few years ago. Joining one can open a door. It also means more "
        "visits, more tests and some unknowns. Mei-Ling and Ruth show both sides, with time for your questions.",
        "You do not need to be looking for a trial. Many people come to know what to ask later on.",
        learn=(
            "what the phases of a trial are for, and when a placebo is used in cancer trials",
            "who pays for treatment, tests and travel",
            "how to look for a trial that may fit you",
            "what consent means, and how to leave a trial if you change your mind",
        ),
    ),
    speakers=("tan", "abernathy"),
    day_offset=9,
    duration_minutes=75,
    capacity=500,
    access_text="Live captions in English · Spanish interpretation · recorded",
    join_url="https://meet.example.org/clinical-trials-and-immunotherapy",
    phone_number=PHONE,
    phone_pin="402117",
    confirmed=64,
    spanish={
        "title": "Ensayos clínicos e inmunoterapia",
        "summary": "Una orientadora de ensayos y una mujer que participó en uno le explican qué le pide un ensayo y "
        "qué puede darle.",
        "description": described(
            "Muchas inmunoterapias de hoy eran ensayos hace pocos años. Participar puede abrir una puerta. También "
            "supone más visitas, más pruebas y algunas incógnitas. Mei-Ling y Ruth muestran las dos caras, con tiempo "
            "para sus preguntas.",
            "La charla es en inglés, con interpretación al español. No hace falta que esté buscando un ensayo: muchas "
            "personas vienen para saber qué preguntar más adelante.",
            learn=(
                "para qué sirven las fases de un ensayo, y cuándo se usa un placebo en los ensayos del cáncer",
                "quién paga el tratamiento, las pruebas y los viajes",
                "cómo buscar un ensayo que pueda ser para usted",
                "qué significa el consentimiento, y cómo dejar un ensayo si cambia de idea",
            ),
            heading="Usted aprenderá",
        ),
        "access_text": "Subtítulos en directo en inglés · interpretación al español · se graba",
    },
)

SIDE_EFFECTS = SampleWebinar(
    slug="immunotherapy-and-side-effects",
    series="side-effects",
    title="Immunotherapy & Side Effects",
    summary="Which changes to watch for, what helps at home, and which ones your team wants to hear about the same "
    "day.",
    description=described(
        "Side effects of immunotherapy are not like those of chemotherapy. They can be mild or serious, and they "
        "can come late. Joyce and Anjali go through them from head to toe, and show what they look like on "
        "different skin tones.",
        "Please bring your questions. Your name is never read out.",
        learn=(
            "why side effects can begin months after a dose",
            "the early signs in skin, bowel, lungs and glands",
            "what to say when you call, so that you are heard",
            "how side effects are treated, and what steroids can do to sleep and mood",
        ),
    ),
    speakers=("okafor", "deshpande"),
    day_offset=16,
    local_time="12:00",
    time_zone="America/Chicago",
    capacity=60,
    join_url="https://meet.example.org/immunotherapy-and-side-effects",
    phone_number=PHONE,
    phone_pin="518830",
    confirmed=37,
    spanish={
        "title": "Inmunoterapia y efectos secundarios",
        "summary": "A qué cambios prestar atención, qué alivia en casa y cuáles quiere saber su equipo el mismo día.",
        "description": described(
            "Los efectos secundarios de la inmunoterapia no son como los de la quimioterapia. Pueden ser leves o "
            "graves, y pueden llegar tarde. Joyce y Anjali los repasan de la cabeza a los pies y enseñan cómo se ven "
            "en distintos tonos de piel.",
            "La charla es en inglés. Traiga sus preguntas: nunca leemos su nombre en voz alta.",
            learn=(
                "por qué pueden empezar meses después de una dosis",
                "las primeras señales en la piel, el intestino, los pulmones y las glándulas",
                "qué decir cuando llame, para que le escuchen",
                "cómo se tratan, y qué pueden hacer los esteroides con el sueño y el ánimo",
            ),
            heading="Usted aprenderá",
        ),
        "access_text": "Subtítulos en directo en inglés · se graba",
    },
)

WHAT_IS_NEW = SampleWebinar(
    slug="what-is-new-with-immunotherapy",
    series="whats-new",
    title="What is New with Immunotherapy",
    summary="Findings of the past six months in plain words: what is ready to use, and what still needs proof.",
    description=described(
        "Headlines come fast and often promise too much. Samuel and Nadia pick a handful of new findings, explain "
        "what was really shown, and say for whom it may matter.",
        learn=(
            "how treatment before surgery is being studied in several cancers",
            "what is known about giving two immunotherapies together",
            "where personal cancer vaccines stand",
            "three questions to ask about any headline",
        ),
    ),
    speakers=("lindqvist", "rahimi"),
    day_offset=23,
    local_time="18:30",
    access_text="Live captions in English · Spanish interpretation · recorded",
    join_url="https://meet.example.org/what-is-new-with-immunotherapy",
    phone_number=PHONE,
    phone_pin="267504",
    confirmed=48,
)

FULL = SampleWebinar(
    slug="is-a-trial-right-for-me",
    series="clinical-trials",
    title="Is a trial right for me? A small-group talk",
    summary="Forty people, two guides, and no slides: bring your own question about joining a trial.",
    description=described(
        "This is a conversation, so the group is small. You may keep your camera off and only listen. It is not "
        "recorded. If it is full, join the waiting list: places often become free in the last days.",
        learn=(
            "how others decided, for a trial or against it",
            "how to talk about a trial with your doctor and your family",
            "where to get help with rides, rooms and forms",
        ),
        heading="We will talk about",
    ),
    speakers=("tan", "haddad"),
    day_offset=5,
    capacity=40,
    access_text="Live captions in English",
    recorded=False,
    join_url="https://meet.example.org/is-a-trial-right-for-me",
    phone_number=PHONE,
    phone_pin="733921",
    confirmed=40,
    waitlisted=9,
)

CANCELLED = SampleWebinar(
    slug="going-home-after-car-t-cell-therapy",
    series="whats-new",
    title="Going home after CAR T-cell therapy",
    summary="The first months at home: fever, infections, tiredness, driving, and going back to work.",
    description=described(
        "The weeks in or near the hospital are planned in detail. The months that follow are less so. Nadia "
        "explains what her team checks at each visit, and what you can do between them.",
        learn=(
            "which signs mean calling at once",
            "why infections stay a risk, and what lowers it",
            "how long tiredness may last",
        ),
    ),
    speakers=("rahimi",),
    day_offset=12,
    local_time="17:00",
    capacity=200,
    join_url="https://meet.example.org/going-home-after-car-t-cell-therapy",
    phone_number=PHONE,
    phone_pin="940265",
    state="cancelled",
    cancel_reason="Our speaker is needed in her clinic that day. We are looking for a new date and will announce it "
    "here.",
    confirmed=22,
)

SPANISH = SampleWebinar(
    slug="inmunoterapia-preguntas-y-respuestas",
    series="side-effects",
    title="Inmunoterapia: preguntas y respuestas",
    summary="Una oncóloga responde en español a sus preguntas sobre la inmunoterapia y los efectos secundarios.",
    description=described(
        "Esta charla es en español, de principio a fin. La doctora Ferrer explica con palabras sencillas qué es la "
        "inmunoterapia y contesta las preguntas de pacientes y familiares.",
        "Puede enviar su pregunta al inscribirse. Nunca leemos su nombre en voz alta.",
        learn=(
            "cómo actúa la inmunoterapia y en qué se diferencia de la quimioterapia",
            "qué señales debe contar a su equipo el mismo día",
            "cómo pedir un intérprete en sus citas",
        ),
        heading="Usted aprenderá",
    ),
    speakers=("ferrer",),
    day_offset=19,
    local_time="18:00",
    time_zone="America/Chicago",
    language="es",
    capacity=150,
    access_text="Subtítulos en directo en español · se graba",
    join_url="https://meet.example.org/inmunoterapia-preguntas-y-respuestas",
    phone_number="1-800-555-0167",
    phone_pin="385012",
    confirmed=18,
)

FATIGUE = SampleWebinar(
    slug="low-energy-days",
    series="side-effects",
    title="Low-energy days: small plans that work",
    summary="Tiredness under treatment has many causes, and some can be treated. A pharmacist and a nurse share "
    "what helps.",
    description=described(
        "Being tired is one of the most common side effects, and one of the least visible. David and Joyce look at "
        "causes that can be found with a blood test, at medicines that add to it, and at small plans for the day.",
        learn=(
            "which causes of tiredness your team can check",
            "how to plan a day around your best two hours",
            "what is known about gentle exercise",
        ),
    ),
    speakers=("kowalczyk", "okafor"),
    day_offset=37,
    local_time="12:00",
    time_zone="America/Chicago",
    capacity=300,
    join_url="https://meet.example.org/low-energy-days",
    phone_number=PHONE,
    phone_pin="611478",
    confirmed=26,
)

DRAFT = SampleWebinar(
    slug="vaccines-as-treatment",
    series="whats-new",
    title="Vaccines as treatment: where research stands",
    summary="How a vaccine could treat a cancer that is already there, and what trials have shown so far.",
    description=described(
        "Most vaccines prevent illness. Treatment vaccines are meant to help the immune system with a cancer that is "
        "already there. Few are approved, and many are being studied.",
        learn=(
            "how a personal vaccine is made",
            "what early trials can show, and what they cannot",
        ),
    ),
    speakers=("lindqvist",),
    day_offset=51,
    capacity=500,
    join_url="https://meet.example.org/vaccines-as-treatment",
    phone_number=PHONE,
    phone_pin="850336",
    state="draft",
)

#: Made anew at each start, about an hour ahead, so that there is always a room to be early for.
SOON = SampleWebinar(
    slug="ask-the-nurse",
    series="side-effects",
    title="Ask the nurse: your questions about side effects",
    summary="An open hour with Joyce, who answers the clinic's telephone line. Come with a question, or only listen.",
    description=described(
        "No slides and no lecture. Joyce answers what you ask, in general terms and in plain words. She cannot "
        "advise on your own treatment: for that, please call your team.",
        learn=(
            "which questions other people have",
            "what a nurse listens for on the telephone",
            "how to prepare for your next call or visit",
        ),
    ),
    speakers=("okafor",),
    day_offset=0,
    starts_in_minutes=(62, 75),
    access_text="Live captions in English",
    recorded=False,
    join_url="https://meet.example.org/ask-the-nurse",
    phone_number=PHONE,
    phone_pin="129645",
    confirmed=14,
)

UPCOMING = (FULL, CLINICAL_TRIALS, CANCELLED, SIDE_EFFECTS, SPANISH, WHAT_IS_NEW, FATIGUE, DRAFT)
