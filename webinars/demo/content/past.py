"""Webinars that have taken place: four with a recording, and one whose recording is still being captioned."""

from webinars.demo.content.shapes import SampleWebinar, described

PHONE = "1-800-555-0123"

PAST = (
    SampleWebinar(
        slug="help-with-travel-and-costs",
        series="clinical-trials",
        title="Help with travel and costs",
        summary="Rides, rooms, time off and bills: where to ask, and what to have ready when you do.",
        description=described(
            "Treatment costs more than money, and it costs money too. Yusuf and Mei-Ling go through the help that "
            "exists and the order in which to ask for it.",
            learn=(
                "what a trial may pay for, and what it does not",
                "which papers to have at hand before you call",
                "how to ask for time off for treatment or for care",
            ),
        ),
        speakers=("haddad", "tan"),
        day_offset=-8,
        capacity=300,
        join_url="https://meet.example.org/help-with-travel-and-costs",
        phone_number=PHONE,
        phone_pin="274903",
        confirmed=33,
    ),
    SampleWebinar(
        slug="skin-bowel-breath",
        series="side-effects",
        title="Skin, bowel, breath: early signs to report",
        summary="The changes which nurses most want to hear about early, and what to say when you call.",
        description=described(
            "Most side effects are easier to treat when they are found early. Joyce takes three parts of the body "
            "where the first signs are easy to miss.",
            learn=(
                "why side effects can come late",
                "what to watch for in skin, bowel and breath",
                "how to make a call that gets you help",
            ),
        ),
        speakers=("okafor",),
        day_offset=-22,
        local_time="12:00",
        time_zone="America/Chicago",
        capacity=500,
        join_url="https://meet.example.org/skin-bowel-breath",
        phone_number=PHONE,
        phone_pin="660182",
        confirmed=71,
        video="early-signs-to-report",
    ),
    SampleWebinar(
        slug="car-t-cell-therapy-step-by-step",
        series="whats-new",
        title="CAR T-cell therapy, step by step",
        summary="From collecting the cells to the weeks afterwards: what happens, and why it takes as long as it does.",
        description=described(
            "CAR T-cell therapy is made for one person at a time. Nadia explains each step and the reasons for the "
            "waiting.",
            learn=(
                "how your T cells are collected and changed",
                "what the days around the infusion are like",
                "why you stay near the treatment center",
            ),
        ),
        speakers=("rahimi",),
        day_offset=-43,
        local_time="18:30",
        join_url="https://meet.example.org/car-t-cell-therapy-step-by-step",
        phone_number=PHONE,
        phone_pin="395710",
        confirmed=49,
        video="how-car-t-cell-therapy-works",
    ),
    SampleWebinar(
        slug="reading-a-trial-summary",
        series="clinical-trials",
        title="Reading a trial summary without a dictionary",
        summary="Three places in a trial summary tell you most of what you need. Learn to find them.",
        description=described(
            "Trial summaries are written for specialists. Mei-Ling reads one aloud and translates as she goes.",
            learn=(
                "how to find the question a trial asks",
                "how to tell whether it could fit you",
                "what the schedule says about your weeks",
            ),
        ),
        speakers=("tan",),
        day_offset=-71,
        join_url="https://meet.example.org/reading-a-trial-summary",
        phone_number=PHONE,
        phone_pin="841529",
        confirmed=58,
        video="how-to-read-a-trial-summary",
    ),
    SampleWebinar(
        slug="when-you-are-the-caregiver",
        series="side-effects",
        title="When you are the caregiver",
        summary="A husband and a nurse on visits, nights, paperwork, and keeping some strength for yourself.",
        description=described(
            "Caregivers often notice changes first. Marcus and Joyce talk about how to use that, and how not to "
            "wear out.",
            learn=(
                "how to prepare for a visit as two",
                "what belongs on the page by the door",
                "how to ask for help and mean it",
            ),
        ),
        speakers=("bell", "okafor"),
        day_offset=-99,
        local_time="18:00",
        time_zone="America/Chicago",
        capacity=250,
        join_url="https://meet.example.org/when-you-are-the-caregiver",
        phone_number=PHONE,
        phone_pin="507738",
        confirmed=44,
        video="caring-for-someone-on-immunotherapy",
    ),
)
