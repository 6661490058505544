"""The videos: four recordings of past webinars, and a doctor's clip that no webinar produced."""

from webinars.demo.content.shapes import SampleVideo

#: By which the speakers agreed
RELEASE = "Signed form in the folder “Releases” (demonstration)"
#: Honest about what people will hear.
SHORT = "This is a one-minute sample of the talk, read by a computer voice."

VIDEOS = (
    SampleVideo(
        slug="early-signs-to-report",
        title="Early signs to report",
        summary="Why side effects of immunotherapy can come late, three places to watch, and when to call.",
        description="Joyce Okafor, an immunotherapy nurse, explains what she hopes people call about: changes of "
        f"the skin, the bowel and the breath. Captions in English and Spanish.\n\n{SHORT}\n",
        speakers=("okafor",),
        day_offset=-22,
        webinar="skin-bowel-breath",
        series="side-effects",
        reviewed_by="Nadia Rahimi, MD",
        answers=(
            (
                "My rash is mild and does not itch. Do I have to call at night?",
                "Usually not: call **on the day** you notice it, in office hours. Call at once, also at night, if it "
                "spreads quickly, hurts, or blisters, or if you have a fever as well. What your own team says comes "
                "first.",
                15,
            ),
        ),
    ),
    SampleVideo(
        slug="how-car-t-cell-therapy-works",
        title="How CAR T-cell therapy works",
        summary="Collect, change, return: a treatment made from your own T cells, in three steps.",
        description="Nadia Rahimi, a hematologist, follows the cells from your blood to the laboratory and back, "
        f"and explains why you stay near the treatment center in the first weeks.\n\n{SHORT}\n",
        speakers=("rahimi",),
        day_offset=-43,
        webinar="car-t-cell-therapy-step-by-step",
        series="whats-new",
    ),
    SampleVideo(
        slug="how-to-read-a-trial-summary",
        title="How to read a trial summary",
        summary="The question, the eligibility list and the schedule: three places that tell you most of it.",
        description="Mei-Ling Tan, a clinical trial navigator, shows where to look first, and why one *no* on the "
        f"list is not the end of the search.\n\n{SHORT}\n",
        speakers=("tan",),
        day_offset=-71,
        webinar="reading-a-trial-summary",
        series="clinical-trials",
    ),
    SampleVideo(
        slug="caring-for-someone-on-immunotherapy",
        title="Caring for someone on immunotherapy",
        summary="Three things a husband learned: listen as two, keep one page ready, and look after yourself.",
        description="Marcus Bell cared for his wife through two years of treatment. He tells what he would have "
        f"liked to know on the first day.\n\n{SHORT}\n",
        speakers=("bell",),
        day_offset=-99,
        webinar="when-you-are-the-caregiver",
        series="side-effects",
    ),
    SampleVideo(
        slug="a-doctor-explains-side-effects",
        title="A doctor explains side effects",
        summary="How side effects of immunotherapy differ from those of chemotherapy, and how they are treated.",
        description="Samuel Lindqvist, a medical oncologist, answers the question he hears most often. A short clip "
        "to watch before your first treatment, or to show to your family.\n\nThis is a one-minute sample, read by a "
        "computer voice.\n",
        speakers=("lindqvist",),
        day_offset=-55,
        sponsor_text="Made without sponsors, from donations.",
        newer="early-signs-to-report",
    ),
)
