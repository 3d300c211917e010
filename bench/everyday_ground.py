"""The workspace and the requests of bench/everyday, made from tables by a fixed seed: 300 notes, 180
requests with their oracles, 300 sentences of talk that must change nothing."""
import datetime
import os
import random

PEOPLE = ["Anna", "Bernd", "Clara", "David", "Elena", "Farid", "Greta", "Henrik", "Ines", "Jonas",
          "Katja", "Liam", "Mira", "Nils", "Olga", "Paul"]
CITIES = ["Lisbon", "Oslo", "Graz", "Ghent", "Porto", "Leipzig", "Dublin", "Turin"]
FOODS = ["pancakes", "lentil soup", "sushi", "apple pie", "falafel", "risotto", "curry", "waffles"]
JOBS = ["a nurse", "a carpenter", "a pilot", "a teacher", "a baker", "an architect", "a judge"]
PETS = ["a cat called Minka", "a dog called Rex", "two rabbits", "a parrot called Coco"]
THINGS = {"passport": "in the blue drawer", "spare key": "under the flower pot",
          "drill": "in the cellar, second shelf", "winter tyres": "at Weber's garage",
          "camera charger": "in the red box", "birth certificate": "in the green folder",
          "tent": "in the attic", "bike pump": "behind the door", "sewing kit": "in the hall cupboard",
          "first aid kit": "above the fridge"}
OWN = {"bike": "a blue Gazelle with seven gears", "blood type": "B negative", "shoe size": "43",
       "favourite tea": "Darjeeling", "dentist": "Dr. Weber", "car": "a grey Skoda, plate L-XY 482",
       "landlord": "Mr. Petersen", "allergy": "penicillin", "bank": "Sparkasse Leipzig",
       "favourite film": "The Third Man", "doctor": "Dr. Lindqvist", "gym": "Studio Nord",
       "insurance number": "7781-22-09", "router password": "tulip42", "desk": "oak, 160 cm wide",
       "bicycle lock code": "4711", "favourite author": "Ursula Le Guin", "school": "Nikolai Gymnasium",
       "hat size": "58", "favourite colour": "dark green"}
EVENTS = {"dentist appointment": "is on 3 December at 10:30", "flight to Porto": "leaves at 07:45 from gate B12",
          "rent": "is 840 euros, due on the third", "choir rehearsal": "is every Thursday at 19:00",
          "car inspection": "is due in March 2027", "library card": "expires on 14 February",
          "book club": "meets at Clara's on the first Monday", "parents' anniversary": "is on 9 June",
          "tax deadline": "is 31 July", "concert": "is on 12 December in the Gewandhaus"}
FILLER = ["Watered the plants and cleaned the balcony.", "Long call about the budget; nothing decided.",
          "Rain all day. Read two chapters.", "Lunch with the team at the canteen.",
          "The heating made noises again.", "Tried a new route through the park.",
          "Bought screws and paint at the hardware shop.", "Slept badly, took it slowly.",
          "Sorted old photographs for an hour.", "Fixed the squeaking door.",
          "Meeting moved to the afternoon.", "Wrote a letter to the city council."]
TODAY = datetime.date.today()


class Ground:
    """Writes the notes; remembers where each fact stands."""

    def __init__(self, workspace):
        self.random = random.Random(7)
        self.workspace = workspace
        self.days = {}   # date: lines
        self.facts = {}  # statement: (path, line)
        self.n_notes = 0

    def note(self, text, day=None):
        day = day or TODAY - datetime.timedelta(days=self.random.randrange(2, 120))
        self.days.setdefault(day, []).append(text)
        self.n_notes += 1

    def fill(self):
        birthdays = {}
        for i, name in enumerate(PEOPLE):
            birthdays[name] = f"{1 + self.random.randrange(28)} {'March June May August'.split()[i % 4]}"
            self.note(f"{name}'s birthday is {birthdays[name]}")
            self.note(f"{name} likes {FOODS[i % len(FOODS)]}")
            self.note(f"{name} lives in {CITIES[i % len(CITIES)]}")
            self.note(f"{name} works as {JOBS[i % len(JOBS)]}")
            if i < 8:
                self.note(f"{name} has {PETS[i % len(PETS)]}")
                self.note(f"{name}'s phone number is 0341 55{i:02d} {i * 37 % 100:02d}")
        for thing, place in THINGS.items():
            self.note(f"the {thing} is {place}")
        for thing, value in OWN.items():
            self.note(f"my {thing} is {value}")
        for event, what in EVENTS.items():
            self.note(f"the {event} {what}")
        self.note("my phone is a Nokia 3310", TODAY - datetime.timedelta(days=90))
        self.note("my phone is a Fairphone 5", TODAY - datetime.timedelta(days=10))
        self.birthdays = birthdays
        while self.n_notes < 300:
            self.note(self.random.choice(FILLER))
        self.write()

    def write(self):
        folder = os.path.join(self.workspace, "memory")
        os.makedirs(folder, exist_ok=True)
        for day, lines in self.days.items():
            name = f"memory/{day.isoformat()}.md"
            with open(os.path.join(self.workspace, name), "w", encoding="utf-8") as file:
                file.write(f"# {day.isoformat()}\n\n")
                for number, line in enumerate(lines, 3):
                    file.write(f"- {line}\n")
                    self.facts[line] = (name, number)
        with open(os.path.join(self.workspace, "todo.txt"), "w", encoding="utf-8") as file:
            file.write("call the plumber\nbuy stamps\nreturn the library book\n")
        with open(os.path.join(self.workspace, "plan.md"), "w", encoding="utf-8") as file:
            file.write("# Garden\n\nPlant the quince in October.\n")


def recall(ground):
    """(request, statement that answers it)"""
    out = []
    for i, name in enumerate(PEOPLE):
        asked = [f"when is {name}'s birthday?", f"what does {name} like?", f"where does {name} live",
                 f"what does {name} work as?"][i % 4]
        told = [f"{name}'s birthday is {ground.birthdays[name]}", f"{name} likes {FOODS[i % len(FOODS)]}",
                f"{name} lives in {CITIES[i % len(CITIES)]}", f"{name} works as {JOBS[i % len(JOBS)]}"][i % 4]
        out.append((asked, told))
    for i, name in enumerate(PEOPLE[:8]):
        out.append((f"what is {name}'s phone number", f"{name}'s phone number is 0341 55{i:02d} {i * 37 % 100:02d}"))
    forms = ["where is my {}?", "where is the {}", "where did I put the {}", "where's the {}?",
             "do you know where the {} is"]
    for i, (thing, place) in enumerate(THINGS.items()):
        out.append((forms[i % len(forms)].format(thing), f"the {thing} is {place}"))
    forms = ["what is my {}?", "what's my {}", "do you remember my {}?", "what do you know about my {}",
             "tell me about my {}"]
    for i, (thing, value) in enumerate(OWN.items()):
        out.append((forms[i % len(forms)].format(thing), f"my {thing} is {value}"))
    forms = ["when is the {}?", "what do my notes say about the {}", "what did I write about the {}",
             "search my notes for the {}", "what do I know about the {}"]
    for i, (event, what) in enumerate(EVENTS.items()):
        out.append((forms[i % len(forms)].format(event), f"the {event} {what}"))
    return out


# Asked in other words, written after the bounds and the rows were settled, and run as they are.
UNSEEN = [
    ("which tea do I like best?", "Darjeeling"), ("where's my passport again?", "blue drawer"),
    ("remind me of the router password", "tulip42"), ("who's my dentist?", "Dr. Weber"),
    ("any idea where the tent is?", "attic"), ("what was the bicycle lock code", "4711"),
    ("what city does Clara live in?", "Graz"), ("how much is the rent?", "840 euros"),
    ("when's choir rehearsal", "Thursday"), ("what kind of car do I have?", "Skoda"),
    ("am I allergic to anything?", "penicillin"), ("what shoe size do I have", "43"),
    ("who is my landlord?", "Petersen"), ("what's the number of my insurance", "7781-22-09"),
    ("does Anna have a pet?", "Minka"), ("where are the winter tyres?", "Weber's garage"),
    ("which gym do I go to", "Studio Nord"), ("when does my flight to Porto leave?", "07:45"),
    ("is the car inspection due soon?", "March 2027"), ("what colour do I like most", "dark green"),
    ("when does the library card expire?", "14 February"), ("who wrote my favourite books? my favourite author", "Le Guin"),
    ("where do I keep the sewing kit?", "hall cupboard"), ("what is the phone number of Bernd", "0341 5501 37"),
    ("wo ist mein passport?", "blue drawer"), ("what did I note about the tax deadline", "31 July"),
    ("which school did I go to?", "Nikolai"), ("tell me Elena's birthday", "Elena's birthday is"),
    ("what job does Greta have", "a judge"), ("where's the drill", "cellar"),
]
# A second such list, written later still, and left as it came out.
UNSEEN_LATER = [
    ("what's the code of my bicycle lock?", "4711"), ("who cuts... no, who is my doctor?", "Dr. Lindqvist"),
    ("which bank am I with?", "Sparkasse"), ("where have I put the camera charger", "red box"),
    ("what did I say about the concert", "Gewandhaus"), ("how big is my desk?", "160 cm"),
    ("in which city does Farid live", "Leipzig"), ("what food does Henrik like?", "waffles"),
    ("do I have a favourite film?", "The Third Man"), ("the birthday of Mira?", "Mira's birthday is"),
    ("when do we meet for the book club", "first Monday"), ("what is my number plate", "L-XY 482"),
    ("could you tell me where my birth certificate is?", "green folder"), ("is David a pilot?", "David works as"),
    ("what's Anna's number", "0341 5500 00"), ("what am I allergic to", "penicillin"),
    ("who lives in Oslo?", "lives in Oslo"), ("which of my friends has two rabbits", "two rabbits"),
    ("when must the taxes be done, the tax deadline?", "31 July"), ("wo ist der Ersatzschlüssel, the spare key?", "flower pot"),
]
UNANSWERABLE = [
    "what is my passport number?", "what's my grandmother's maiden name", "where did I park my boat?",
    "what is my favourite opera", "when is my piano lesson?", "what do you know about my cousin Rudolf",
    "do you remember my locker combination?", "what is my sister's address", "where is my telescope?",
    "who is my accountant?", "what did I write about the sauna", "what do you know about my stocks",
    "when does my visa expire?", "what is my gas meter reading", "which wine do I prefer?",
    "where do I keep my stamps collection catalogue?", "what is my frequent flyer number",
    "what's my neighbour's dog called?", "when did I buy my piano", "what is my ring size?",
    "what do my notes say about skiing", "search my notes for the submarine", "what is my lawyer's name",
    "who was my first boss?", "what do I owe my uncle", "where is my ukulele", "what is my jacket size",
    "which team do I support", "what is my email password", "when was my last tetanus shot",
]

NUMBERS = [
    ("what is 17 * 23", "391"), ("15% of 240", "36"), ("what's 1/8 + 1/4?", "0.375"),
    ("how much is 99 divided by 4", "24.75"), ("square root of 169", "13"), ("2^16", "65536"),
    ("what is twelve times eleven", "132"), ("calculate (3+4)*(5-2)", "21"), ("80 plus 20%", "96"),
    ("what percent of 50 is 20", "40"), ("was ist 144 geteilt durch 12", "12"),
    ("wie viel ist 19 Prozent von 200", "38"), ("1,250.50 + 749.50", "2000"), ("10 - 12.5", "-2.5"),
    ("3 miles in km", "4.828"), ("how many ounces are in a pound", "16"), ("72 F in celsius", "22.2"),
    ("convert 2.5 hours to minutes", "150"), ("500 MB in GB", "0.5"), ("how many cm is 6 ft 2 in", "187.96"),
    ("was sind 10 km in Meilen", "6,2137"), ("5 liters in gallons", "1.32"),
]

MANUAL = [
    ("how do I change the model?", "models.md"), ("how can I get a better model", "models.md"),
    ("how do I use ollama?", "models.md"), ("how do I continue a conversation", "sessions.md"),
    ("how can I export a conversation?", "sessions.md"), ("how do I undo a change", "using.md"),
    ("how do I change a setting?", "settings.md"), ("where is the configuration file?", "settings.md"),
    ("how do I search old conversations", "sessions.md"), ("what can you do?", "using.md"),
    ("how do I delete a model", "models.md"), ("how do I forget a note?", "memory.md"),
]


def days():
    def iso(offset):
        return TODAY + datetime.timedelta(days=offset)

    def text(day):
        return f"{day:%A}, {day.day} {day:%B} {day.year}"

    christmas = datetime.date(TODAY.year, 12, 25)
    if christmas < TODAY:
        christmas = christmas.replace(year=TODAY.year + 1)
    return [
        ("what day is it today?", text(iso(0))), ("what day is it in ten days", text(iso(10))),
        ("what date was 3 weeks ago", text(iso(-21))), ("what day is tomorrow", text(iso(1))),
        ("how many days until Christmas?", str((christmas - TODAY).days)),
        ("what weekday was 9 November 1989", "Thursday"), ("which week number is it", str(TODAY.isocalendar()[1])),
        ("is 2032 a leap year", "Yes"), ("how many days are between 2026-01-01 and 2026-03-01", "59"),
        ("welcher Wochentag ist der 24.12.2027", "Freitag"), ("90 days after 1 June 2026", "30 August 2026"),
        ("how long is it from 8:15 to 16:45", "8 hours and 30 minutes"),
        ("what time is it in UTC", datetime.datetime.now(datetime.timezone.utc).strftime("%H:")),
    ]


# Talk, and what only looks like a request: nothing may change.
TALK = """hello there
good morning
how are you today?
tell me a joke
what is the capital of France?
who wrote Faust?
write a poem about rain
explain photosynthesis in one sentence
what should I cook tonight?
I can't remember the name of that film
do you remember me?
remember when we met?
I always forget my umbrella
forget it
never mind
don't forget about me
no thanks
no, I don't think so
it is red, I think
actually, that is a good idea
my bike is blue and fast
I noted that yesterday
notes are useful
please note the difference between the two
take a note from his book
the note about the dentist was lost
delete is a key on the keyboard
she wrote it to the end
save the whales
save me some cake
write me a letter
write soon
add sugar to the coffee
add it up
append is a word
run to the shop
run away with me
I run every morning
execute the plan
execute order 66
open the window
read me a story
read between the lines
list some ideas for a party
show me the way
find a good name for a cat
search your heart
undo is a nice feature
take it easy
change of plans
correct me if I'm wrong
correct answer!
is it correct to say so?
that's wrong on so many levels
it should be fun
keep in mind that I love you?
what would you write about Anna?
would you remember that for long?
did you forget the milk?
why do people forget names?
how does memory work?
can computers remember things?
I wish I could forget that day
forgetting is human
can you forgive me?
remembering names is hard for me
the file is long
files and folders bore me
make a wish
make my day
create a new recipe with apples
create something beautiful
put the kettle on
put it in writing
print is dead
print money, they say
download more RAM
fetch the ball
get the door
get well soon
https://example.org is a nice page
look at https://example.org when you can
todo.txt is empty, I guess
MEMORY.md is my favourite file
ls is a command
git is a tool
sudo make me a sandwich
rm -rf / is dangerous
don't run rm -rf on my files
never delete my notes
please don't write anything to todo.txt
do not append that to the list
you should not run commands
I told you to stop
stop it
help yourself
what a day
the day is long
see you tomorrow
in ten days I will be on holiday
Christmas was lovely
I have 3 + 4 cats
my number is 555-1234
it takes 5 km to get there
9/11 changed the world
we are open 24/7
what do you think about love?
what does it mean to be free?
who are you talking to?
when will I be famous?
where do babies come from?
how do I tie a tie?
how can I learn Spanish?
how do I bake bread?
should I call Anna?
could I have been wrong?
am I too late?
is my English good?
do I sound angry?
thanks, that was helpful
thank you very much
ok
okay then
yes
yes please
no
maybe
hm
lol
:-)
good night
bye""".split("\n")


def talk():
    """300 of them: these, and each as someone might vary it."""
    frames = ["{}", "well, {}", "{} ...", "hey, {}", "{} you know", "I mean, {}"]
    out = []
    for frame in frames:
        for line in TALK:
            out.append(frame.format(line))
    return out[:300]
