"""A small library about immunotherapy, spoken in English and Spanish, to ask the questions of questions.json."""

from dataclasses import dataclass
from datetime import timedelta

from tests.factories import NOW, make_video
from webinars.archive import service
from webinars.archive.models import VideoSpeaker
from webinars.core.database import db, transaction
from webinars.schedule.models import Speaker


@dataclass(frozen=True)
class Talk:
    """A talk: what is said in each language, one line a caption, each begun by its time."""

    title: str
    speaker: str
    language: str
    said: dict[str, str]


TALKS = {
    "colitis": Talk("Colitis and diarrhea during immunotherapy", "Joyce Okafor", "en", {"en": """
0:04 Today we talk about the bowel, which nobody likes to talk about.
0:31 Colitis means that the immune system inflames the lining of the large bowel.
1:02 Four more stools a day than is usual for you is a reason to call us.
1:40 Do not take loperamide for days without telling your care team.
2:15 Steroids such as prednisone calm the inflammation within three to five days.
2:58 If steroids do not help, infliximab is given as an infusion.
3:35 Drink enough, because dehydration brings many people to the hospital.
4:10 Most patients can be treated again once the colitis has healed.
""", "es": """
0:04 Hoy hablamos del intestino, de lo que nadie quiere hablar.
0:31 La colitis significa que el sistema inmunitario inflama el revestimiento del intestino grueso.
1:02 Cuatro deposiciones más al día de lo habitual son motivo para llamarnos.
1:40 No tome loperamida durante días sin avisar a su equipo.
2:15 Los corticoides calman la inflamación en tres a cinco días.
3:35 Beba suficiente, porque la deshidratación lleva a muchas personas al hospital.
"""}),
    "skin": Talk("Skin changes: rash, itching and vitiligo", "Marta Lindqvist", "en", {"en": """
0:05 The skin is where side effects often show first.
0:40 A rash on less than a tenth of the body is mild, and a cream is enough.
1:20 Itching at night keeps people awake; an antihistamine may help.
2:05 White patches are called vitiligo, and they often mean that the treatment works.
2:50 Blisters or sores in the mouth need a doctor the same day.
3:30 Use sunscreen with a protection factor of at least thirty.
"""}),
    "fatigue": Talk("Living with cancer fatigue", "Tom Albrecht", "en", {"en": """
0:03 Fatigue is more than being tired after a long day.
0:45 Walking for twenty minutes five times a week reduces fatigue more than any medicine.
1:30 Keep a diary of your energy and plan the day around it.
2:10 Anemia, low thyroid hormones and depression can hide behind exhaustion.
2:55 Sleep at regular hours and keep naps below thirty minutes.
3:40 Tell your employer early if you need to work shorter hours.
""", "es": """
0:03 La fatiga es más que estar cansado después de un día largo.
0:45 Caminar veinte minutos cinco veces por semana reduce la fatiga más que cualquier medicamento.
1:30 Lleve un diario de su energía y planifique el día.
2:55 Duerma a horas regulares y haga siestas de menos de treinta minutos.
"""}),
    "glands": Talk("Hormones: thyroid, adrenal and pituitary glands", "Ruth Feldman", "en", {"en": """
0:06 Checkpoint inhibitors can inflame the glands that make hormones.
0:50 An underactive thyroid makes you cold, slow and heavy; it is treated with levothyroxine.
1:35 Thyroiditis often begins with a racing heart.
2:20 Headache and changes of sight may come from the pituitary gland; we call it hypophysitis.
3:05 Without cortisol a simple infection becomes dangerous: carry a steroid card.
3:50 Diabetes of type 1 is rare, but great thirst must be reported.
"""}),
    "lungs": Talk("Cough and breathlessness: pneumonitis", "Joyce Okafor", "en", {"en": """
0:04 Pneumonitis is an inflammation of the lungs without germs.
0:42 A dry cough that is new needs a call, even on a weekend.
1:25 We look at the lungs with a CT scan before we give antibiotics.
2:10 A pulse oximeter at home shows how much oxygen is in your blood.
2:52 After severe pneumonitis we do not give the drug again.
"""}),
    "cells": Talk("CAR-T cells and other cell therapies", "Wei Zhang", "en", {"en": """
0:05 CAR-T cells are your own T cells, taught in a laboratory to find the cancer.
0:48 Leukapheresis collects the cells in about four hours.
1:30 Cytokine release syndrome brings high fever in the first two weeks.
2:15 Confusion or trouble finding words are signs of neurotoxicity.
3:00 You must stay within an hour of the clinic for four weeks and may not drive for eight.
3:45 Lymphoma and myeloma are treated this way, solid tumors only in trials.
"""}),
    "checkpoints": Talk("How PD-1 and CTLA-4 inhibitors work", "Wei Zhang", "en", {"en": """
0:06 Cancer hides from the immune system behind a checkpoint.
0:44 Anti-PD-1 antibodies such as pembrolizumab and nivolumab take this brake off.
1:28 Ipilimumab blocks CTLA-4, another brake.
2:12 Given together they work more often and harm more often.
2:55 PD-L1 is measured in the tumor, but it does not decide alone.
3:38 The infusion takes thirty minutes and comes every three or six weeks.
"""}),
    "costs": Talk("Paying for treatment: insurance, Medicare and help with costs", "Dana Whitfield", "en", {"en": """
0:05 One infusion can cost more than ten thousand dollars.
0:47 Medicare part B pays for infusions given in a clinic.
1:30 Ask for prior authorization before the first infusion, not after it.
2:14 Foundations pay copays when the family income is below a limit.
2:58 If a claim is denied, appeal within one hundred eighty days.
3:40 A social worker helps with rides, rent and paid leave.
"""}),
    "travel": Talk("Travel and vaccines during treatment", "Tom Albrecht", "en", {"en": """
0:04 You can fly during treatment if your blood counts allow it.
0:50 Carry your medicines and a letter of your doctor in the cabin.
1:32 Live vaccines such as yellow fever are not for you; the flu shot is.
2:15 COVID-19 boosters are safe with checkpoint inhibitors.
2:57 Ask which hospital at your destination knows immunotherapy.
3:35 Travel insurance often excludes an illness you already have.
"""}),
    "trials": Talk("Clinical trials: what to ask before you join", "Ana Morales", "en", {"en": """
0:05 A clinical trial compares a new treatment with the best known one.
0:49 Phase 1 looks for the right dose, phase 3 for the better treatment.
1:33 Placebo alone is almost never given to people with cancer.
2:17 You may leave a trial at any time without giving a reason.
3:01 Ask who pays for scans, travel and nights in a hotel.
3:44 Informed consent is a talk, not only a signature.
"""}),
    "basics-es": Talk("Inmunoterapia: lo que debe saber", "Ana Morales", "es", {"es": """
0:05 Bienvenidos a esta sesión sobre la inmunoterapia contra el cáncer.
0:48 El tratamiento ayuda a las defensas a reconocer el tumor.
1:30 La infusión dura media hora y se repite cada tres semanas.
2:12 Los efectos secundarios pueden aparecer meses después de la última dosis.
2:55 Avise si tiene fiebre de más de treinta y ocho grados.
3:38 Lleve siempre la tarjeta con los nombres de sus medicamentos.
"""}),
    "skin-es": Talk("La piel durante el tratamiento", "Carmen Ibáñez", "es", {"es": """
0:04 La piel es el órgano que más se irrita con estos medicamentos.
0:46 Un sarpullido leve se trata con una crema de corticoides.
1:29 La comezón empeora con el agua caliente; dúchese con agua tibia.
2:13 Las ampollas en la boca son una urgencia.
2:56 Protéjase del sol con ropa y con crema de factor cincuenta.
"""}),
    "heart-es": Talk("Corazón y músculos: señales de alarma", "Carmen Ibáñez", "es", {"es": """
0:05 La miocarditis es rara, pero puede poner en peligro la vida.
0:47 Un dolor en el pecho o palpitaciones son motivo para ir a urgencias.
1:31 La debilidad al subir escaleras puede venir de los músculos.
2:14 El párpado caído y la visión doble hacen pensar en miastenia.
2:58 Un análisis de troponina y un electrocardiograma dan la respuesta.
"""}),
    "money-es": Talk("Costos, seguro y transporte", "Luis Herrera", "es", {"es": """
0:05 Nadie debería dejar el tratamiento por miedo a la factura.
0:49 Pida una autorización previa a su seguro médico.
1:33 Las fundaciones ayudan con los copagos y con el transporte.
2:17 Los inmigrantes también pueden pedir ayuda de emergencia en muchos estados.
3:01 Una intérprete gratuita está con usted si la pide con tiempo.
"""}),
}  # fmt: skip


def load_talks() -> None:
    """Publish all talks; the address of each is its key."""
    for slug, talk in TALKS.items():
        video = make_video(title=talk.title, slug=slug, language=talk.language, summary="", description="")
        db.session.add(VideoSpeaker(video_id=video.id, speaker=Speaker(name=talk.speaker)))
        db.session.commit()
        with transaction():
            for language, said in talk.said.items():
                service.set_captions(video, language, _vtt(said), "reviewed", NOW)
            service.edit_video(video, {"summary": ""}, NOW + timedelta(minutes=1))


def _vtt(said: str) -> str:
    blocks = ["WEBVTT"]
    for line in said.strip().splitlines():
        at, _space, words = line.partition(" ")
        minute, second = at.split(":")
        blocks.append(f"{int(minute):02}:{second}.000 --> {int(minute):02}:{second}.900\n{words}")
    return "\n\n".join(blocks) + "\n"
