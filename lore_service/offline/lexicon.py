"""The words of the offline model: a small grammar of fantasy.

`#name#` in a line stands for a line of that list, expanded in turn; `{theme}` and the other fields
in braces are facts of the request. Lists named after a field of a schema write that field; those
with a prefix (`characters.description`) only for that sort of entity.
"""

WORDS: dict[str, list[str]] = {
    "given": [
        "Maren",
        "Ilvane",
        "Corvane",
        "Tessaly",
        "Oskar",
        "Brannoch",
        "Yseult",
        "Dorrin",
        "Kestrel",
        "Halvard",
        "Nimue",
        "Sorrel",
        "Veyra",
        "Anselm",
        "Thessia",
        "Gideon",
        "Marrow",
        "Odile",
        "Rook",
        "Saffiya",
        "Ulric",
        "Wren",
        "Aldous",
        "Bettany",
        "Cassimir",
        "Delphine",
        "Ephraim",
        "Fenna",
        "Hesper",
        "Iolo",
        "Jorunn",
        "Leocadia",
        "Mordechai",
        "Perrin",
        "Quillon",
        "Rosamund",
    ],
    "family": [
        "Ashgrove",
        "Quill",
        "Saltmarsh",
        "Thornwick",
        "Vane",
        "Blackwater",
        "Merrow",
        "Holloway",
        "Tarn",
        "Winterbourne",
        "Ironmantle",
        "Sedge",
        "Cinder",
        "Lantern",
        "Harrowgate",
        "Ouse",
        "Dunmore",
        "Fairwind",
        "Graves",
        "Larkspur",
        "Marchbanks",
        "Netherby",
        "Pell",
        "Rushlight",
    ],
    "root": [
        "Ember",
        "Hollow",
        "Salt",
        "Grey",
        "Thorn",
        "Lantern",
        "Winter",
        "Raven",
        "Moth",
        "Ash",
        "Bell",
        "Copper",
        "Drown",
        "Elder",
        "Frost",
        "Glass",
        "Iron",
        "Marrow",
        "Night",
        "Quiet",
    ],
    "ground": [
        "ford",
        "reach",
        "hold",
        "mere",
        "gate",
        "fen",
        "spire",
        "haven",
        "wick",
        "fall",
        "barrow",
        "quay",
        "moor",
        "watch",
        "deep",
        "stair",
    ],
    "adjective": [
        "patient",
        "bitter",
        "courteous",
        "restless",
        "unforgiving",
        "gentle",
        "sleepless",
        "proud",
        "quick-tongued",
        "solemn",
        "reckless",
        "watchful",
        "generous",
        "haunted",
        "stubborn",
        "wry",
    ],
    "trade": [
        "smuggler",
        "cartographer",
        "bell-founder",
        "oathkeeper",
        "ferryman",
        "archivist",
        "herbalist",
        "duelist",
        "beekeeper",
        "gravewright",
        "tax-collector",
        "choirmaster",
        "glassblower",
        "falconer",
        "lamplighter",
        "judge",
        "midwife",
        "cook to three kings",
        "letter-writer",
    ],
    "people": [
        "the ferry folk",
        "the lamplighters",
        "the salt monks",
        "the orphans of the ninth street",
        "the river judges",
        "the hill clans",
        "the widows of the fleet",
        "the glass merchants",
        "the bell-ringers",
        "the charcoal burners",
        "the old garrison",
        "the night market",
    ],
    "place": [
        "the #adjective_place# quarter",
        "#root##ground#",
        "the Drowned Gate",
        "the Ninth Bridge",
        "the old customs house",
        "the road to #root##ground#",
        "the orchard below the wall",
        "the flooded archive",
        "the lighthouse at #root##ground#",
        "the market of #root##ground#",
    ],
    "adjective_place": ["lantern", "tanners'", "lower", "burnt", "silent", "lacquered", "flooded"],
    "thing": [
        "a brass key with no teeth",
        "an unsent letter",
        "a ledger of debts",
        "a cracked bell",
        "a map drawn on skin",
        "a ring too small for any hand",
        "a jar of black honey",
        "a coat with forty pockets",
        "a saint's jawbone",
        "a lamp that burns without oil",
        "a music box that plays one note",
        "a knife that will not cut bread",
    ],
    "loss": [
        "a brother",
        "the harvest of two years",
        "a good name",
        "the use of the left hand",
        "every letter from home",
        "a promise made at a deathbed",
        "the only true map",
        "a house with a green door",
        "seven winters",
    ],
    "want": [
        "to clear a dead friend's name",
        "to own one thing that nobody can take away",
        "to see #place# open again",
        "to be forgiven by #people#",
        "to learn who sold the city",
        "to bring #thing# back to where it belongs",
        "to keep the last bridge standing",
        "to end the tithe before midwinter",
        "to be buried at #place#",
        "to hear the bells once more",
    ],
    "because": [
        "because the thaw is early this year",
        "because a witness has come home",
        "because the old treaty ends at midsummer",
        "because #people# have begun to ask questions",
        "because #thing# was found in the wrong hands",
        "because there is not much time left",
        "because the first snow came from the south",
    ],
    "wrong": [
        "the treaty was signed by a dead man",
        "the relic on the altar is a copy",
        "the heir was traded in the cradle",
        "the well has been dry for a year",
        "the war was begun over a mistake in a ledger",
        "one of the judges cannot read",
        "the siege ended because somebody paid for it",
        "the saint was never there",
    ],
    "sense": [
        "The air tastes of {theme} and cold iron",
        "At dusk one hears oars where there is no water",
        "Smoke hangs low and smells of cedar",
        "Every window keeps a lamp for somebody who is late",
        "Gulls walk the streets like creditors",
        "Rain drums on copper all through the autumn",
        "The stones are warm at night, and nobody says why",
    ],
    "long_ago": [
        "in the year of three winters",
        "before the bridges were built",
        "when the river ran north",
        "under the last honest regent",
        "the summer the bees left",
        "a generation ago",
        "in the fourth year of the long peace",
    ],
    "speech": [
        "It is said that {theme} leaves a mark on everyone, and this one shows.",
        "Whoever speaks of {theme} in #place# means this, sooner or later.",
        "In a world of {theme}, that is worth more than silver.",
        "Nothing about it makes sense without {theme}, and little makes sense with it.",
        "The songs about {theme} leave this part out.",
    ],
    # What every sort of entity may have.
    "name": ["#given# #family#"],
    "title": [
        "The #root# Ledger",
        "A Lamp for #root##ground#",
        "What the #root# Bell Said",
        "The Winter of #given# #family#",
        "The #root# Crown",
    ],
    "type": ["#adjective# #ground#"],
    "description": ["{subject} is known for one thing and does another. #speech#"],
    "secret": [
        "{subject} knows that #wrong#, and has told nobody but #given# #family#.",
        "Under a floorboard in #place# lies #thing#, which would prove that #wrong#.",
        "#Wrong#; {subject} has lived on that silence ever since.",
        "The story of {theme} that {subject} tells is true in all but one name.",
    ],
    # People
    "characters.role": [
        "#adjective# #trade#",
        "#trade# to #people#",
        "former #trade# of #root##ground#",
    ],
    "species": [
        "human",
        "human",
        "elf",
        "dwarf",
        "gnome",
        "half-giant",
        "selkie",
        "moth-kin",
        "goblin",
    ],
    "characters.description": [
        "{subject} is a #adjective# #trade# whom #people# trust with what they would not tell a priest. "
        "Years among {theme} have taught one rule: never take the first price. #speech#",
        "Ask at #place# for {subject}, the #adjective# #trade#, and three people will claim never to have "
        "heard the name. Two of them owe money. #speech#",
        "Where {theme} begins, most travellers turn back; {subject} set up a table and began to sell "
        "maps. The maps are good. The prices are not.",
    ],
    "appearance": [
        "Tall, grey at the temples, with ink on both cuffs and #thing# worn openly on a cord.",
        "Small and quick, in a coat mended with sailcloth; one eye is the green of old glass.",
        "Broad hands, a burned ear, and boots that have been resoled by somebody who cared.",
        "Always dressed for a funeral, always early, and never without #thing#.",
        "Hair cropped like a novice's, and a scar that follows the line of the jaw like a signature.",
    ],
    "personality": ["#adjective#"],
    "characters.backstory": [
        "Born at #place# #long_ago#, {subject} was apprenticed to a #trade# and learned two trades at "
        "once. Then {theme} took #loss#, and what was left was #thing# and a list of names. The list is "
        "shorter now. Since then {subject} has worked for #people#, and for nobody twice.",
        "{subject} was meant to be a #trade#, like everyone in that house. #Long_ago#, at #place#, there was "
        "a choice between an oath and #loss#; the oath was broken, and somebody still leaves flowers "
        "there. What came after is told differently by #people#.",
        "Nobody chose {theme} less willingly. #Long_ago# {subject} carried a message to #place# without "
        "reading it, and a city fell. To read every letter since has become a habit, and then a living.",
    ],
    "motivation": [
        "{subject} wants #want#, #because#.",
        "Above all #want#, and soon, #because#.",
        "To be asked for help by #people#; but first #want#, #because#.",
    ],
    # Powers
    "factions.name": [
        "The #root# Covenant",
        "House #family#",
        "The Company of the #root# #ground#",
        "The #adjective# Bell",
        "The Order of the #root# Lamp",
        "The #family# Ledger",
    ],
    "factions.type": [
        "merchant house",
        "sworn order",
        "outlawed guild",
        "street company",
        "old court",
        "mendicant brotherhood",
        "league of towns",
    ],
    "factions.description": [
        "{subject} grew out of a burial club and still pays for every member's grave. From #place# it now "
        "decides who may trade in {theme}, and at what hour. #speech#",
        "#People# founded {subject} #long_ago#, to keep one promise about {theme}. The promise is kept; "
        "what it costs others is not in the minutes.",
        "In public {subject} repairs bridges. In private it decides which of them should stand. #speech#",
    ],
    "ideology": [
        "What is written can be owed, and what is owed can be collected. Mercy is a kind of theft.",
        "{theme} belongs to those who were here before it. Everyone else is a guest, and guests leave.",
        "A small cruelty today is a winter's bread. They say it as others say grace.",
        "No one may rule who has not first served; no one who served may rule for long.",
    ],
    "goal": [
        "#want#, #because#",
        "to hold #place# until #people# give way",
        "#want#, before anyone else can",
    ],
    "methods": [
        "They lend before they threaten, and they keep better records than the crown.",
        "Rumour first, then gifts, then a fire that harms no one and frightens everybody.",
        "They place their children as servants and wait. It has taken forty years and it works.",
    ],
    "leader": ["#given# #family#, a #adjective# #trade#"],
    "resources": [
        "#thing#",
        "the loyalty of #people#",
        "the only dry cellar in #place#",
        "letters that three families want back",
        "a fleet of eleven barges",
    ],
    "rivals": ["House #family#", "#people#", "the #root# Covenant", "the crown's auditors"],
    # Places
    "settings.name": [
        "#root##ground#",
        "The #root# Stair",
        "Saint #given#'s #ground#",
        "#root# #ground#",
    ],
    "settings.type": [
        "river city",
        "drowned monastery",
        "hill fort",
        "market on stilts",
        "salt road",
        "terraced ruin",
        "forest of bells",
    ],
    "settings.description": [
        "{subject} was built for {theme} and has been arguing with it ever since. The streets follow the old "
        "canals, and so do the feuds. #speech#",
        "Three roads meet at {subject}, and none of them was meant to. #People# keep the inn, the gate and "
        "the peace, in that order.",
        "From the sea {subject} looks like a broken comb. From within it is all stairs, lamps and "
        "washing, and everywhere the quiet work of {theme}.",
    ],
    "atmosphere": ["#sense#. #sense#.", "#sense#, and nobody hurries."],
    "settings.history": [
        "It began #long_ago# as a toll house. Then #people# came with {theme}, and with #thing#, and a wall went "
        "up around both. The wall has been sold twice; whoever bought it never came to look.",
        "#Long_ago# it burned, and was rebuilt by people who remembered it differently. That is why two "
        "bell towers face each other, and why they never ring together.",
    ],
    "inhabitants": [
        "Mostly #people#, who came for a season and stayed for three generations.",
        "A few hundred souls: ferrymen, widows, debtors, and #people#, who own the wells.",
    ],
    "landmarks": [
        "the #root# Stair",
        "a bell nobody rings",
        "the house with a green door",
        "the dry fountain",
        "the #root# Bridge",
        "a tree hung with keys",
        "the tower of #given# #family#",
    ],
    "dangers": [
        "the tide, which is not always on time",
        "men who ask for the way",
        "the third cellar",
        "debts older than their debtors",
        "fog that remembers voices",
        "the dogs of #people#",
    ],
    # Happenings
    "events.name": [
        "The #root# Winter",
        "The Night of the #root# Bell",
        "The Siege of #root##ground#",
        "The #family# Trial",
        "The Peace of #root##ground#",
        "The Burning of the #root# Fleet",
    ],
    "date": [
        "year 212 of the Lamp, third thaw",
        "the 41st autumn after the flood",
        "three days before the long peace",
        "year 9 of the twin regents",
        "the last dry summer, at new moon",
        "year 377, bell-month",
    ],
    "events.type": [
        "betrayal",
        "siege",
        "trial",
        "flood",
        "discovery",
        "wedding that became a war",
        "famine",
    ],
    "events.description": [
        "At {subject}, #people# opened the gates of #place# to what they had been told was {theme}. By morning "
        "the river carried hats. #speech#",
        "It is called {subject}, though it lasted nine days. A #trade# named #given# #family# refused an order, "
        "and one after another everybody else found that they could refuse as well.",
        "{subject} began with #thing# and ended with a law. In between, {theme} passed from #people# to "
        "whoever could still stand.",
    ],
    "causes": [
        "The harvest had failed twice, and #wrong#.",
        "#People# had been promised {theme} and were given a receipt.",
        "A letter reached #place# a day too early, #because#.",
    ],
    "participants": ["#given# #family#", "#people#", "House #family#", "the crown's auditors"],
    "consequences": [
        "#People# have not sat at one table with House #family# since. Bread is still weighed in public, and "
        "#place# is still empty on that day.",
        "The toll was lifted, and with it the only reason to keep the road. What {theme} means today was "
        "decided there, by four people and a cook.",
    ],
    "remembered_as": [
        "As a miracle, in the songs; the songs do not mention that #wrong#.",
        "As a children's game with a wrong ending: in truth nobody was caught.",
        "As the day {theme} was saved. Those who were there say: sold.",
    ],
    # Objects
    "relics.name": [
        "The #root# Bell",
        "The Lantern of #given# #family#",
        "The #adjective# Key",
        "#family#'s Ledger",
        "The Crown of #root##ground#",
        "The #root# Needle",
        "Saint #given#'s Jaw",
    ],
    "relics.type": ["bell", "lamp", "key", "book of debts", "blade", "mask", "needle", "bone"],
    "relics.description": [
        "{subject} is smaller than the stories: black metal, warm to the touch, with a line of script that "
        "only shows under rain. #speech#",
        "Whoever unwraps {subject} sees first the damage: a crack mended with gold, and a second one that "
        "nobody has dared to mend. It hums near {theme}.",
    ],
    "relics.origin": [
        "#given# #family#, a #trade#, made it #long_ago# to keep #loss# from happening again. It worked once.",
        "It was made at #place# by #people#, as a payment for {theme}. The debt was never called in.",
    ],
    "powers": [
        "opens any lock that was closed in anger",
        "lets its bearer hear the last lie told in a room",
        "keeps one flame from going out",
        "turns a true name into a short sleep",
        "shows the way back, and only back",
        "makes a promise impossible to break",
        "calls {theme} by its oldest name",
    ],
    "price": [
        "Each use costs #loss#, chosen by nobody.",
        "Whoever uses it forgets the taste of bread, then a face, then the way home.",
        "For every promise it keeps, one of the bearer's own is broken.",
    ],
    "whereabouts": [
        "In #place#, in the keeping of #given# #family#, who thinks that it is a paperweight.",
        "#People# carry it from house to house, a week at a time, and answer no questions.",
    ],
    "legend": [
        "They say it rang by itself when {theme} came, and that it will ring once more.",
        "Children dare each other to say its name at #place#. None has done it twice.",
    ],
    # Worlds
    "Outline.title": [
        "The #root# Marches",
        "The Ninefold Shore",
        "The #root# Reach",
        "The Sleepless Isles",
        "The Country Under the #root# Bell",
    ],
    "premise": [
        "In {subject}, {theme} is not a thing but a debt: everybody inherits some of it. For two hundred "
        "years #people# kept the account. Now the book has been stolen, and every village adds it up for "
        "itself.",
        "{subject} is a land that {theme} made and may unmake. Those who can leave have left; those who stay "
        "have learned to bargain with it, #because#.",
    ],
    "geography": [
        "A long coast of drowned towns, a river that forks nine times, and behind it the hills where the "
        "bells are cast. One road joins them, and #people# own the middle of it.",
        "Islands strung like a necklace with a bead missing. Between them lies water that is too calm, and "
        "on the largest #place#, where all ferries end.",
    ],
    "Outline.history": [
        "#Long_ago# there were twin regents and one seal. Then {theme} came over the land, and #people# "
        "bargained where others fought. The peace that followed was paid for with #loss#. Nobody alive has "
        "read the treaty, and everyone quotes it. This winter, the seal was found; it is the wrong one.",
    ],
    "magic": [
        "What is promised aloud before a lit lamp holds, whatever it costs; so people whisper, and keep "
        "their lamps covered. {theme} is the one power that needs no promise.",
        "There is no magic but {theme}, and it asks for something each time: a memory, a finger, a name. "
        "The rich pay with other people's.",
    ],
    "conflict": [
        "#People# hold the water, House #family# holds the grain, and the treaty between them ends at "
        "midsummer. Neither can live without {theme}, and there is enough for one.",
    ],
    "themes": [
        "debts that outlive their debtors",
        "the price of {theme}",
        "who may forgive",
        "memory as property",
        "small mercies",
        "what a promise binds",
    ],
    "Story.title": [
        "The Last Lamp of #root##ground#",
        "What Was Owed",
        "The Ferry at #root##ground#",
    ],
    "chapters.title": [
        "The Wrong Seal",
        "A Table for Five",
        "The Road Under Water",
        "What the Bell Knew",
        "Nobody's Bridge",
        "The Price of Bread",
        "Midsummer",
    ],
    "chapters.text": [
        "{person} came to {place} when the lamps were being lit, and nobody looked up. That was how one knew "
        'that everybody had been told.\n\n"You are late," said {other}, and pushed {relic} across the table as '
        'though it were salt. "They have begun to count."\n\nOutside, {faction} had closed the bridge. One '
        "could hear the river deciding. {theme} was in the air like weather, and for the first time since "
        "{event} {person} was not afraid of it, only tired.\n\nThey left by the kitchen. The cook wished them "
        "luck and asked for the spoons back.",
        "By noon the whole of {place} knew that {faction} had opened the third cellar.\n\n{other} said that it "
        "was a mistake; {person} said that it was an invitation. Both were right, as it turned out, and neither "
        "lived to be thanked for it.\n\nWhat lay down there was {relic}, and beside it a child's coat, dry as "
        "paper. Since {event} nobody had asked whose it was. {person} folded it, and then, because somebody had to, "
        "read out the name.",
        "The treaty was shorter than the songs had made it. {person} read it twice by the light of {relic}, and "
        '{other} watched the door.\n\n"It says that we may leave," said {person}. "It has always said so."\n\nIn '
        "{place} they were already ringing for midsummer. {faction} stood in the square with clean hands and waited to "
        "be asked. And {theme}, which had never belonged to any of them, went quietly down the stairs to the sea.",
    ],
    "ending": [
        "The bridge stands, with a gap in the middle that children jump for a dare. {faction} still keeps accounts, "
        "but in pencil. And at {place} a lamp burns for {person}, who is late.",
    ],
    "line": ["#sense#.", "#speech#"],
    "prose": [
        "#sense#. #speech# A #adjective# #trade# named #given# #family# wanted #want#, #because#. It came otherwise: "
        "#wrong#.",
    ],
}
