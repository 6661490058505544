"""The subject page, the three series and the news."""

from webinars.demo.content.shapes import SampleNews, SampleQuestion, SampleSeries, SampleTopic
from webinars.demo.content.topic_es import INMUNOTERAPIA

IMMUNOTHERAPY = """\
Your immune system finds and removes things that do not belong in your body, such as germs. It can also find cancer
cells. But cancer cells can hide, or switch the immune system off. **Immunotherapy is treatment that helps your
immune system to see and fight the cancer.** It works well for some people and some cancers, and not for others. It
may be given alone, or together with surgery, radiation, chemotherapy or other medicines.

This page is for learning. It cannot tell you what is right for you: please ask your own team.

## How it works

White blood cells called T cells patrol the body. They carry natural brakes, so that they do not harm healthy parts.
Some cancers press on these brakes. Others look so much like healthy cells that T cells pass them by. Immunotherapy
can take a brake off, mark the cancer cells, or give you immune cells that are trained to find them.

![The brake of a T cell](picture:brake)

It often needs time. A first scan may come after two or three months, and the first change may be small.

## Types of immunotherapy

- **Checkpoint inhibitors** take off a brake. The brakes have names such as PD-1, PD-L1 and CTLA-4. They are used
  for many cancers, among them melanoma and some cancers of the lung, kidney and bladder. They are given as a drip
  into a vein, or some as an injection under the skin.
- **CAR T-cell therapy** uses your own T cells. They are collected, changed in a laboratory so that they can
  recognize the cancer, and given back. It is used for some lymphomas, leukemias and multiple myeloma.
- **Monoclonal antibodies** are proteins made in a laboratory which fit one marker. Some flag cancer cells for the
  immune system. Some, called bispecific antibodies, bring a T cell and a cancer cell together. Others work in ways
  that do not involve the immune system.
- **Treatment vaccines** teach the immune system to look for a cancer that is already there. Few are approved so
  far. Many are being studied in trials.
- **Other ways** include proteins that stir up immune cells (cytokines), viruses that attack cancer cells, BCG for
  early bladder cancer, and T cells that are taken from a tumor, multiplied and given back.

## Who may be able to have it

That depends on you and on the cancer. Your team will look at:

- the type and stage of the cancer, and the treatments you have had;
- test results, such as PD-L1 or a feature called MSI-high or mismatch repair deficient, which can make some
  treatments more likely to help;
- your health in general, and how you manage from day to day;
- autoimmune disease, an organ transplant, or medicines such as steroids that calm the immune system;
- pregnancy, or the wish to have a child.

None of these is always a yes or always a no. If the answer is no, ask why, and whether a clinical trial could fit.

## Side effects

When the immune system becomes more active, it can irritate healthy parts of the body as well. Many people have mild
side effects. Some people have serious ones. Side effects can begin within days, after months, or **after treatment
has ended**.

- Common: tiredness, itching or a rash, diarrhea, aching joints, and changes in hormone glands such as the thyroid.
- Less common: inflammation of the lungs, liver, kidneys, nerves, eyes or heart.
- CAR T-cell therapy and bispecific antibodies can cause fever, low blood pressure or confusion, most often soon
  after treatment. People are watched closely for this.

Most side effects can be treated, often with a pause or with medicine that calms the immune system. Starting early
helps. Do not start, stop or change such medicine on your own.

## When to call

**Call your team the same day** if you notice:

- diarrhea, more bowel movements than usual, blood in the stool, or belly pain;
- a new cough, or getting out of breath more easily;
- a rash that spreads, hurts or blisters, or sores in the mouth;
- fever of 100.4 °F (38 °C) or higher, or chills;
- yellow skin or eyes, or dark urine;
- a strong headache, changes in your eyesight, or unusual weakness;
- being very thirsty, very tired, dizzy, or not like yourself.

**Call 911** for chest pain, trouble breathing, fainting, a seizure, or sudden confusion. Say that you have had
immunotherapy, even if it was long ago. Carry a card that says so.

## Questions to take to your team

- What is the goal of this treatment for me, and when will we know if it works?
- Which side effects should I call about, and which number do I call at night?
- What does it cost me, and who can help with that?
- Is there a clinical trial I should know of?
"""

TOPIC = SampleTopic(
    slug="immunotherapy",
    title="Immunotherapy",
    title_es="Inmunoterapia",
    summary="Treatment that helps your own immune system to fight cancer: how it works, the types, who may be able "
    "to have it, and when to call about side effects.",
    summary_es="Un tratamiento que ayuda a sus propias defensas a luchar contra el cáncer: cómo funciona, qué tipos "
    "hay, quién podría recibirlo y cuándo llamar por los efectos secundarios.",
    body=IMMUNOTHERAPY,
    body_es=INMUNOTERAPIA,
    reviewed_day_offset=-34,
)

INDEPENDENCE = (
    "Sponsors do not choose topics or speakers, do not see talks beforehand, and are never given names or addresses."
)

INDEPENDENCE_ES = (
    "Quienes nos apoyan no eligen los temas ni a los ponentes, no ven las charlas con antelación y nunca reciben "
    "nombres ni direcciones."
)

SERIES = (
    SampleSeries(
        slug="clinical-trials",
        title="Clinical Trials",
        title_es="Ensayos clínicos",
        summary="What a trial asks of you, what it may give you, and how to find one. With people who run trials "
        "and people who have joined one.",
        summary_es="Qué le pide un ensayo clínico, qué puede ofrecerle y cómo encontrar uno. Con personas que dirigen "
        "ensayos y personas que han participado.",
        sponsor_text=f"Supported by the Brightwater Community Fund. {INDEPENDENCE}",
        sponsor_text_es=f"Con el apoyo del Brightwater Community Fund. {INDEPENDENCE_ES}",
    ),
    SampleSeries(
        slug="whats-new",
        title="What's New",
        title_es="Novedades",
        summary="New treatments and new findings in plain words: what is ready, what is still being tested, and "
        "what it may mean for you.",
        summary_es="Tratamientos y hallazgos nuevos en palabras sencillas: qué está listo, qué se sigue estudiando "
        "y qué puede significar para usted.",
        sponsor_text=f"Supported by grants from Aldera Pharma and Norvane Cell Therapies. {INDEPENDENCE}",
        sponsor_text_es=f"Con el apoyo económico de Aldera Pharma y Norvane Cell Therapies. {INDEPENDENCE_ES}",
        question=SampleQuestion(
            label="What would you like to hear more about?",
            label_es="¿Sobre qué le gustaría saber más?",
            options=(
                ("Treatments that are ready to use", "Tratamientos que ya se pueden usar"),
                ("What is being tested", "Lo que se está estudiando"),
                ("What it costs, and who pays", "Cuánto cuesta y quién lo paga"),
            ),
        ),
    ),
    SampleSeries(
        slug="side-effects",
        title="Side Effects",
        title_es="Efectos secundarios",
        summary="Everyday help from nurses, doctors and pharmacists: what to watch for, what helps, and when to call.",
        summary_es="Ayuda para el día a día de enfermeras, médicos y farmacéuticos: a qué prestar atención, qué "
        "alivia y cuándo llamar.",
        sponsor_text=f"Supported by the Prairie Lakes Health Foundation. {INDEPENDENCE}",
        sponsor_text_es=f"Con el apoyo de la Prairie Lakes Health Foundation. {INDEPENDENCE_ES}",
        time_zone="America/Chicago",
    ),
)

NEWS = (
    SampleNews(
        slug="a-card-for-your-wallet",
        title="A card for your wallet",
        title_es="Una tarjeta para su cartera",
        body="""\
Emergency teams cannot see that you have had immunotherapy. A card can tell them. Ask your clinic for one, and keep
it with your insurance card.

It should name your treatment, the date of your last dose, and the number your team answers at night. Keep it for as
long as your team advises: side effects can begin months after the last dose.
""",
        body_es="""\
El personal de urgencias no puede ver que usted ha recibido inmunoterapia. Una tarjeta se lo dice. Pida una en su
clínica y guárdela junto a la de su seguro.

Debe indicar su tratamiento, la fecha de la última dosis y el número al que su equipo responde de noche. Llévela todo
el tiempo que le indique su equipo: los efectos secundarios pueden empezar meses después de la última dosis.
""",
        day_offset=-4,
    ),
    SampleNews(
        slug="some-treatments-under-the-skin",
        title="Some treatments can now go under the skin",
        title_es="Algunos tratamientos ya se ponen bajo la piel",
        body="""\
Several checkpoint inhibitors used to be given only as a drip into a vein. Some can now also be given as an
injection under the skin, which takes minutes.

The injection is not available for every medicine or every cancer, and the side effects to watch for are much the
same. If long visits are hard for you, ask your team whether it is a choice for you.
""",
        body_es="""\
Varios inhibidores de puntos de control se daban solo por goteo en una vena. Algunos pueden ponerse ahora también con
una inyección bajo la piel, que dura unos minutos.

La inyección no existe para todos los medicamentos ni para todos los cánceres, y hay que vigilar casi los mismos efectos
secundarios. Si las visitas largas le cuestan, pregunte a su equipo si es una opción para usted.
""",
        day_offset=-17,
    ),
    SampleNews(
        slug="join-by-telephone",
        title="No computer? Join by telephone",
        title_es="¿No tiene computadora? Participe por teléfono",
        body="""\
You can listen to every webinar from any telephone in the United States, free of charge. Choose *by telephone* when
you save your place, and you will get the number and a PIN by email. You can ask questions by telephone too.

No email either? Call us, and we will save your place for you.
""",
        body_es="""\
Puede escuchar todos los seminarios web desde cualquier teléfono de los Estados Unidos, sin costo. Al reservar su lugar,
elija *por teléfono* y recibirá el número y un PIN por correo. También puede hacer preguntas por teléfono.

¿Tampoco tiene correo? Llámenos y le reservamos un lugar.
""",
        day_offset=-31,
    ),
)
