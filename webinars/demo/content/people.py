"""The speakers: all invented, with the interests they declare."""

from webinars.demo.content.shapes import SampleSpeaker

NO_INTERESTS = "No financial interests to declare."

SPEAKERS = (
    SampleSpeaker(
        key="okafor",
        name="Joyce Okafor",
        credentials="RN, OCN",
        role="Immunotherapy nurse, outpatient clinic",
        bio="Joyce answers the clinic's telephone line for people on immunotherapy. In twelve years she has heard "
        "nearly every question, and says that the early ones are the best ones.",
        interests=NO_INTERESTS,
    ),
    SampleSpeaker(
        key="rahimi",
        name="Nadia Rahimi",
        credentials="MD, PhD",
        role="Hematologist, cell therapy unit",
        bio="Nadia cares for people with lymphoma and myeloma before, during and after CAR T-cell therapy, and studies "
        "why some of them stay well for so long.",
        interests="Her hospital receives a research grant from Norvane Cell Therapies. She receives no personal "
        "payment.",
    ),
    SampleSpeaker(
        key="lindqvist",
        name="Samuel Lindqvist",
        credentials="MD",
        role="Medical oncologist, melanoma and kidney cancer",
        bio="Samuel treats melanoma and kidney cancer. He draws on the back of envelopes when words are not enough.",
        interests="Speaker's fees from Aldera Pharma in the past two years, for talks to physicians.",
    ),
    SampleSpeaker(
        key="tan",
        name="Mei-Ling Tan",
        credentials="MPH",
        role="Clinical trial navigator",
        bio="Mei-Ling helps people find trials, read the small print and arrange the journey. Her advice is free, and "
        "she is just as glad when the answer is no.",
        interests=NO_INTERESTS,
    ),
    SampleSpeaker(
        key="ferrer",
        name="Lucía Ferrer Campos",
        credentials="MD",
        role="Medical oncologist, bilingual clinic",
        bio="Lucía sees patients in Spanish and English, and leads a group for families on Saturday mornings.",
        interests=NO_INTERESTS,
    ),
    SampleSpeaker(
        key="kowalczyk",
        name="David Kowalczyk",
        credentials="PharmD, BCOP",
        role="Oncology pharmacist",
        bio="David checks that new medicines get along with those people already take, from heart tablets to herbal "
        "tea.",
        interests="Paid member of an advisory board of Aldera Pharma until last year.",
    ),
    SampleSpeaker(
        key="deshpande",
        name="Anjali Deshpande",
        credentials="MD, MPH",
        role="Dermatologist for people with cancer",
        bio="Anjali runs a skin clinic inside a cancer center, where a rash is seen within two working days.",
        interests="Research grant from a public health institute. No payments from companies.",
    ),
    SampleSpeaker(
        key="abernathy",
        name="Ruth Abernathy",
        credentials="",
        role="Took part in a lung cancer trial",
        bio="Ruth joined a trial after her second treatment. She now sits on a board that reviews how trials are "
        "explained.",
        interests="Travel costs for review meetings are paid by the board. No payments from companies.",
    ),
    SampleSpeaker(
        key="bell",
        name="Marcus Bell",
        credentials="",
        role="Cared for his wife at home",
        bio="Marcus looked after his wife Denise through two years of treatment, and kept his job as a bus driver.",
        interests=NO_INTERESTS,
    ),
    SampleSpeaker(
        key="haddad",
        name="Yusuf Haddad",
        credentials="LCSW",
        role="Clinical social worker",
        bio="Yusuf finds money for gas, rides and rooms, and talks about the worries which forms have no box for.",
        interests=NO_INTERESTS,
    ),
)
