"""Who registers: invented names, and how roles, zones and ways to take part are spread, per hundred people."""

FIRST_NAMES = (
    *("Adaeze", "Agnieszka", "Ahmed", "Aiko", "Alejandra", "Amina", "Andre", "Ángel", "Anneke", "Arjun"),
    *("Barbara", "Beatriz", "Bogdan", "Carol", "Chidi", "Chloé", "Clara", "Claudia", "Dae-jung", "Darnell"),
    *("Deborah", "Diego", "Dorothy", "Elif", "Emeka", "Esperanza", "Esther", "Fatima", "Françoise", "Gloria"),
    *("Grace", "Hannah", "Hiroshi", "Ingrid", "Irina", "Isabel", "Jamal", "Janet", "Jerzy", "Jorge"),
    *("Joy", "Karen", "Kofi", "Kwame", "Leila", "Linda", "Luis", "Magdalena", "Manuel", "Margaret"),
    *("Marisol", "Miguel", "Mustafa", "Naomi", "Niamh", "Nguyet", "Olga", "Patricia", "Priya", "Rajesh"),
    *("Ramón", "Rosa", "Samira", "Seung-min", "Shirley", "Siobhán", "Søren", "Tamika", "Thandiwe", "Theresa"),
    *("Tomás", "Umar", "Valentina", "Walter", "Wanda", "Xiomara", "Yolanda", "Yuki", "Zainab", "Zoltán"),
)

LAST_NAMES = (
    *("Abara", "Acosta", "Adeyemi", "Åkesson", "Al-Masri", "Andersen", "Baptiste", "Barros", "Begum", "Bianchi"),
    *("Brightwood", "Caldera", "Castañeda", "Chaudhry", "Choi", "Cisneros", "Coleman", "Cruz", "Dąbrowska", "Delgado"),
    *("Diallo", "Dimitrov", "Dubois", "Eze", "Feldman", "Fernandes", "Fitzgerald", "Fujita", "Garza", "Goldberg"),
    *("Grzyb", "Gupta", "Guzmán", "Hoang", "Horvath", "Ibáñez", "Iyer", "Jankowski", "Jefferson", "Kamara"),
    *("Kapoor", "Keller", "Kim", "Kowalski", "Lachance", "Larsson", "Lefèvre", "Mbeki", "McAllister", "Mensah"),
    *("Moreau", "Müller", "Nakamura", "Navarro", "Nowak", "Núñez", "O'Donnell", "Ocampo", "Okonkwo", "Osman"),
    *("Palmer", "Park", "Peña", "Petrov", "Quiñones", "Rahman", "Reyes", "Rosen", "Sørensen", "Suleiman"),
    *("Tanaka", "Thibodeaux", "Tran", "Ulrich", "Varga", "Vásquez", "Whitfield", "Yamada", "Yilmaz", "Zielińska"),
)

ROLES = {"patient": 44, "survivor": 15, "caregiver": 18, "professional": 23}

MODES = {"live": 68, "phone": 9, "recording": 23}

TIME_ZONES = {
    "America/New_York": 41,
    "America/Chicago": 21,
    "America/Los_Angeles": 14,
    "America/Denver": 6,
    "America/Phoenix": 2,
    "America/Puerto_Rico": 2,
    "Pacific/Honolulu": 1,
    "America/Toronto": 4,
    "America/Mexico_City": 2,
    "Europe/London": 3,
    "Europe/Madrid": 1,
    "Africa/Lagos": 1,
    "Asia/Kolkata": 1,
    "Australia/Sydney": 1,
}

LANGUAGES = {"en": 91, "es": 9}

SHARE_DISCREET = 12
SHARE_WITH_QUESTION = 14
#: Registered by staff over the telephone.
SHARE_WITHOUT_EMAIL = 2

QUESTIONS = (
    "Can side effects begin after the last dose?",
    "My rash itches at night. What can I try before I call?",
    "Is it safe to have a flu shot during treatment?",
    "How soon do doctors know whether it works?",
    "I have rheumatoid arthritis. Does that rule me out?",
    "What is the difference between a trial and regular treatment?",
    "Who pays for the extra scans in a trial?",
    "Can I leave a trial if I feel worse?",
    "How do I tell tiredness from a thyroid problem?",
    "Which over-the-counter medicines should I ask about first?",
    "May I travel between two infusions?",
    "What should be on the card in my wallet?",
    "My father lives alone. How can I help from far away?",
    "Do steroids stop the immunotherapy from working?",
    "Are there trials that do not need weekly visits?",
    "How long does CAR T-cell therapy take from start to finish?",
    "Can I have dental work done during treatment?",
    "What do I say to the emergency room when they have not heard of my medicine?",
    "Is there help with gas and parking?",
    "How do you talk with children about this treatment?",
)

QUESTIONS_ES = (
    "¿Puedo vacunarme contra la gripe durante el tratamiento?",
    "¿Cuándo sabremos si funciona?",
    "¿Cómo pido un intérprete para mi cita?",
    "¿Puede mi hija acompañarme a la infusión?",
    "¿Qué hago si tengo fiebre por la noche?",
)
