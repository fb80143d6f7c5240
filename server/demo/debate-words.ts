/** The words of the demo's closed blog. Country, people, parties and bill are invented. */
export interface Amendment {
  readonly about: string;
  /** What it would do, after "Amendment 7 would". */
  readonly would: string;
  readonly pro: readonly [string, string];
  readonly contra: readonly [string, string];
  /** Said in the debate on it; with a name where only one member can have said it. */
  readonly said: readonly Saying[];
  readonly carried: boolean;
  /** The vote on it is among the key events. */
  readonly key?: true;
}

export type Saying = string | readonly [text: string, name: string];

/** Name, and party and seat as they stand behind it. */
export const MEMBERS: readonly (readonly [name: string, of: string])[] = [
  ["Agata Fenwright", "Harbour Union, Norhaven"],
  ["Edric Pallister", "Civic List, Stonnock"],
  ["Marguerite Osk", "Uplands League, High Tarn"],
  ["Lucan Birdsall", "Civic List, Weyford"],
  ["Thea Rundgren", "Harbour Union, Saltby"],
  ["Oswin Carrow", "Farmers’ Bench, Lower Mere"],
  ["Ilka Dravish", "Civic List, Ostermere Central"],
  ["Benedict Thorley-Maas", "Harbour Union, Fennings"],
  ["Saskia Holbeck", "Uplands League, Kesterdale"],
  ["Jorun Amberley", "independent, the Outer Skerries"],
  ["Piet Wollard", "Farmers’ Bench, Barleyhithe"],
  ["Rosalind Quayle-Stenn", "Civic List, Marrick"],
  ["Hamund Torvey", "Harbour Union, Glimmerness"],
  ["Dunya Averill", "Uplands League, Crossfell"],
  ["Matthias Lunt", "Civic List, Port Ansgar"],
  ["Corisande Bray", "Harbour Union, Tilbrook"],
  ["Emeric Stoll", "independent, Withy Green"],
  ["Nell Hawtrey", "Farmers’ Bench, Oxcombe"],
  ["Viggo Prenderby", "Uplands League, Sorrel Pass"],
  ["Anneliese Croft-Rohde", "Civic List, Kingsmole"],
];

/** In the order of the four days, five on each. */
export const AMENDMENTS: readonly Amendment[] = [
  {
    about: "every line, every night",
    would: "have all four lines run every night of the year, and not only from Thursday to Monday",
    pro: [
      "A train that goes on some nights is looked up; a train that goes every night is simply taken.",
      "Hospital shifts, harvests and funerals do not keep to weekends.",
    ],
    contra: [
      "Tuesday in February had eleven passengers when the old service was counted for the last time.",
      "The track has to be mended at some hour, and for a century that hour has been in the night.",
    ],
    said: [
      "I do not ask what it costs to run on a Tuesday. I ask what it costs to be a town where nothing stops on a Tuesday.",
      "My grandfather was a platelayer. He used to say that the railway sleeps so that the passengers can.",
    ],
    carried: false,
    key: true,
  },
  {
    about: "room for bicycles",
    would: "oblige every night train to carry at least twelve bicycles",
    pro: [
      "The luggage van has to run anyway, and hooks cost next to nothing.",
      "Half of the visitors to the uplands now arrive with two wheels and no idea where to put them.",
    ],
    contra: [
      "A law should not count hooks; a timetable order can.",
      "Twelve is either too many in January or too few in July.",
    ],
    said: [
      "Put in the hooks. If nobody hangs a bicycle on them, hang your coat.",
      "We are legislating about hooks, and I have seldom been happier in this chamber.",
    ],
    carried: true,
  },
  {
    about: "seats as well as berths",
    would: "reserve a third of every train for ordinary seats at the ordinary fare",
    pro: [
      "Without seats this is a hotel on wheels, paid for by people who cannot afford hotels.",
      "Students and seasonal workers have always sat up through the night, and would rather do so than stay at home.",
    ],
    contra: [
      "Berths pay for the train; each carriage of seats takes 480,000 crowns a year out of that.",
      "A third is a guess, and the operator should be free to guess better.",
    ],
    said: [
      "I have slept on a suitcase between Norhaven and Fennings, and I want the next generation to have at least a seat to be uncomfortable in.",
      "A night train without seats is a private party that passes through your town.",
    ],
    carried: true,
    key: true,
  },
  {
    about: "quiet through the villages",
    would: "limit trains to 60 kilometres an hour through 41 villages between eleven and five",
    pro: [
      "Those who live along the line will hear every train and ride on few of them.",
      "Six minutes on the whole journey is a small price for 9,000 sleeping people.",
    ],
    contra: [
      "It is not six minutes but nineteen, if one asks those who drive the trains.",
      "New wheels do more against noise than slow ones, and are in the bill already.",
    ],
    said: [
      [
        "At Withy Green the bedroom windows are four metres from the rail. I have measured it from the bed.",
        "Emeric Stoll",
      ],
      "If we slow down for everybody who sleeps, we shall have invented a very long hotel corridor.",
    ],
    carried: false,
  },
  {
    about: "rest for the crews",
    would: "guarantee crews eleven hours between two nights, and a bed at the far end that is not on a train",
    pro: [
      "The two worst accidents of the old service happened after four in the morning.",
      "Nobody would accept a surgeon with five hours’ sleep, and a driver has more lives in hand.",
    ],
    contra: [
      "Unions and railway have settled this between themselves for sixty years, and settled it well.",
      "It needs 70 more people, and 70 trained drivers are not to be had by spring.",
    ],
    said: [
      "Ask anyone who has driven the Pass Line at four in the morning what the signals begin to look like. Then vote.",
      "It is a strange law of sleep that forgets the people who stay awake for it.",
    ],
    carried: true,
  },
  {
    about: "stops on request",
    would: "let passengers stop the train at any of 58 small stations by asking before midnight",
    pro: [
      "A station at which nothing ever stops is only a building with a good view of other people’s journeys.",
      "Buses have done this for decades with a button and a bell.",
    ],
    contra: [
      "Each stop wakes 300 people so that one may get out.",
      "A train has a place in the timetable, and cannot give it back when it is late.",
    ],
    said: [
      ["My constituents ask for very little: that the thing they paid for should slow down.", "Marguerite Osk"],
      ["I have every sympathy with the member for High Tarn, and none with being woken there.", "Lucan Birdsall"],
    ],
    carried: true,
    key: true,
  },
  {
    about: "lamps and waiting rooms",
    would: "have every station that is served at night lit, heated and unlocked",
    pro: [
      "People who do not feel safe on the platform will never find out how good the train is.",
      "The waiting rooms exist; all that is missing is somebody with a key and a bucket of coal.",
    ],
    contra: [
      "Of the 112 waiting rooms 30 have been let, one of them to a very good bakery.",
      "The towns own most of the buildings, and this spends the towns’ money without asking them.",
    ],
    said: [
      "Leave a lamp on. It is the oldest thing that one person can do for another at night.",
      "I will vote for the lamps, I will vote for the stoves, and I will not vote for evicting the bakery.",
    ],
    carried: true,
  },
  {
    about: "dogs",
    would: "let dogs travel in any compartment in which all the passengers agree",
    pro: [
      "In the old days it worked by asking, and asking is not a burden to the exchequer.",
      "One household in four has a dog, and most of them stay at home because of it.",
    ],
    contra: [
      "Agreement at eleven at night is not agreement but exhaustion.",
      "People with allergies should not have to explain themselves in their pyjamas.",
    ],
    said: [
      "There are 199 members of this Assembly and, at a rough estimate, 199 opinions on this amendment.",
      "A dog, Madam President, has never yet taken a call in a sleeping car.",
    ],
    carried: false,
  },
  {
    about: "room for freight",
    would: "give freight trains precedence on the Mere Line between two and four",
    pro: [
      "Milk and fish have kept that line open through all the years without passengers.",
      "A sleeping passenger does not notice twenty minutes; a wholesale market does.",
    ],
    contra: [
      "Passengers do notice when they are to change at five.",
      "A third track at Weyford would solve it for everyone, and has been promised since before some members were born.",
    ],
    said: [
      ["The fish were there first.", "Matthias Lunt"],
      ["Everybody in this debate loves the night train. I should like somebody to love the milk.", "Oswin Carrow"],
    ],
    carried: true,
  },
  {
    about: "breakfast",
    would: "require a warm breakfast of which half comes from within 100 kilometres of the line",
    pro: [
      "It is worth 12 million crowns a year to farms that have few other customers in the mornings.",
      "It will be what people remember, and what they tell others.",
    ],
    contra: [
      "Kilometres are easily measured and breakfasts are not; this invites an inspectorate of eggs.",
      "Half the line runs through rock, and rock yields little breakfast.",
    ],
    said: [
      "I have eaten what was served on the last night train. It was a crime, but it was a local one.",
      [
        "Whoever has woken above the Sorrel Pass with a hot roll in the hand needs no further argument.",
        "Viggo Prenderby",
      ],
    ],
    carried: false,
  },
  {
    about: "berths without steps",
    would: "require two step-free sleeping compartments on every train from the first day",
    pro: [
      "What is not built in at the beginning is never built in at all, as the trams have shown.",
      "Of every hundred citizens seven cannot climb into a carriage, and pay taxes for those who can.",
    ],
    contra: [
      "No maker can deliver the carriages in under three years, so that the bill would wait for them.",
      "One compartment on every train now would be worth more than two that are promised.",
    ],
    said: [
      "I do not want to be carried into a train by four kind strangers. I want to roll in, complain about the pillow, and sleep.",
      "If the train leaves without some of us, it is not a public train. It is only a large one.",
    ],
    carried: true,
    key: true,
  },
  {
    about: "half fare for the under-25s",
    would: "halve the fare for everyone under 25",
    pro: [
      "Those who learn to travel by night at twenty still do so at fifty.",
      "The seats are empty from Monday to Thursday; half a fare is better than none.",
    ],
    contra: [
      "A young banker would pay half and an old cleaner the whole.",
      "It costs 21 million crowns, and the amendment does not say whose.",
    ],
    said: [
      "At nineteen I crossed this country with eleven crowns and a cheese. I recommend it to the minister.",
      "The young do not need a discount, they need a job at the other end. But I suppose they must first get there.",
    ],
    carried: false,
  },
  {
    about: "the Skerries boat",
    would: "have the morning boat to the Outer Skerries wait up to forty minutes for the night train",
    pro: [
      "Whoever misses the boat waits until Thursday.",
      "The two used to be run from one office, and nobody ever missed anything.",
    ],
    contra: [
      "The tide does not wait, and at Saltby the boat needs it.",
      "Islanders who go to work by that boat would be late whenever the mainland is.",
    ],
    said: [
      [
        "We have watched the boat leave from the window of the train. It is a beautiful sight, and I never want to see it again.",
        "Jorun Amberley",
      ],
      ["I represent 611 people, four harbours and no station. Tonight I ask for forty minutes.", "Jorun Amberley"],
    ],
    carried: true,
    key: true,
  },
  {
    about: "a compartment for families",
    would: "set aside one carriage on every train for people with small children",
    pro: [
      "It is kinder to the families, and a good deal kinder to everybody else.",
      "A door that can be closed and a place to warm milk is all that is asked for.",
    ],
    contra: [
      "What starts as an offer ends as an order, and parents will be told to move.",
      "Outside the holidays the carriage would run empty, at 300,000 crowns a year.",
    ],
    said: [
      "Mine sang from Marrick to Port Ansgar. All of it. I should like to apologise to the carriage, and to propose another one.",
      "A child who has slept on a train never afterwards believes that the world is small.",
    ],
    carried: true,
  },
  {
    about: "mail and newspapers",
    would: "let the trains carry letters and newspapers again",
    pro: [
      "In the uplands the morning paper has arrived at noon for eleven years, and has been read accordingly.",
      "The van runs anyway, and the post office would pay four million crowns for a corner of it.",
    ],
    contra: [
      "Loading takes seven minutes at every station, and nobody is going to do it quietly.",
      "The lorries that carry it now employ 140 people, in places where there is little else.",
    ],
    said: [
      "A newspaper at noon is history. My constituents would like to be as angry as everybody else, and at the same time.",
      "First dogs, then fish, now letters. This is turning into a railway.",
    ],
    carried: true,
  },
  {
    about: "open timetables and delays",
    would: "oblige the operator to publish every delay, with its cause, as it happens and for anyone to use",
    pro: [
      "What is measured in public gets better; what is measured in an annual report gets explained.",
      "The figures exist in the signal boxes, and were paid for by those who stand on the platform.",
    ],
    contra: [
      "The cause of a delay is often not known until the next day, and sometimes never.",
      "It would punish an honest railway and reward one that writes “operational reasons”.",
    ],
    said: [
      "“Operational reasons” is not a cause. It is a shrug with a loudspeaker.",
      "Tell people the truth and they will forgive you twenty minutes. Tell them nothing and they will not forgive you five.",
    ],
    carried: true,
  },
  {
    about: "who owns the carriages",
    would: "have the state buy the 96 carriages instead of leasing them",
    pro: [
      "Over thirty years leasing costs half as much again, by the audit office’s own sum.",
      "Leased carriages left the country eleven years ago in a single week; owned ones would still be here.",
    ],
    contra: [
      "It needs 710 million crowns now, and there are schools with buckets under their roofs.",
      "In ten years carriages may be built quite differently, and we would own the old ones.",
    ],
    said: [
      "Eleven years ago we waved them off at the border. I was there. Some of us even brought flowers.",
      "I am told that one should never buy what one can rent. I notice that I am told so by the people who let.",
    ],
    carried: true,
    key: true,
  },
  {
    about: "money back for late trains",
    would: "return half of the fare after one hour, and all of it after two",
    pro: [
      "Airlines do it, and so does the laundry round the corner.",
      "It is the only number of which the operator’s finance director will think at three in the morning.",
    ],
    contra: [
      "Snow on the Sorrel Pass is nobody’s fault, and will be charged to everybody.",
      "A driver who knows what a late hour costs may one day not stop for a red lamp.",
    ],
    said: [
      "If I bring a book back late to the library of this Assembly, I pay. I have paid. I bear no grudge.",
      "I do not want my money back. I want to have arrived.",
    ],
    carried: false,
  },
  {
    about: "a review after five years",
    would: "end the law after six years unless the Assembly has looked at it again",
    pro: [
      "A subsidy without an end is a habit, and habits are seldom voted on.",
      "Whoever believes in the night train can only wish it to be counted.",
    ],
    contra: [
      "No carriage maker gives a fair price to a customer who may be gone in six years.",
      "Every law can be looked at again on any day on which the Assembly sits.",
    ],
    said: [
      "Plant a tree and pull it up every five years to look at the roots: that is this amendment.",
      "I have been in this house for thirty years, and we have never once looked at something again unless a law made us.",
    ],
    carried: false,
  },
  {
    about: "the first train",
    would: "name the day of the first departure: the first of May of the year after next",
    pro: [
      "A bill without a date is a wish.",
      "Eleven years of studies have shown that whatever has no date gets another study.",
    ],
    contra: [
      "If the carriages come late, the law will be broken on its first day.",
      "A date set by politicians is how railways come to open with wet paint and no signals.",
    ],
    said: [
      "Give them a date. Even a train that is late is late for something.",
      "I shall be at Norhaven on that morning with my toothbrush, whatever this house decides.",
    ],
    carried: true,
    key: true,
  },
];

/** `{a}` and `{b}` stand for members, `{n}` for a number between 2 and 9, `{no}` for the amendment. */
export const SPOKE_FOR = [
  "{a} spoke for it. {text}",
  "For the amendment: {a}. {text}",
  "{text} So {a}, in favour.",
  "{a} took {n} minutes to support it. {text}",
  "Support came from {a}. {text}",
];

export const SPOKE_AGAINST = [
  "{a} spoke against it. {text}",
  "Against the amendment: {a}. {text}",
  "{text} So {a}, opposed.",
  "{a} will vote against. {text}",
  "Doubts came from {a}. {text}",
];

export const OPENED = [
  "{a} has moved amendment {no}, which would {would}. It bears {n} signatures.",
  "On to amendment {no}. It would {would}, and {a} is moving it, with {n} signatures from three parties.",
  "Amendment {no} is before the chamber. In short, it would {would}. {a} has the floor.",
  "The clerk reads amendment {no}: it would {would}. {a}, who wrote it, begins with thanks to those who did not.",
];

export const ASKED = ["{a} wanted to know {question}.", "{a} asked {question}.", "{b} was asked by {a} {question}."];

/** Each with answers that fit no other; those in ANSWERS fit them all. */
export const QUESTIONS: readonly (readonly [question: string, answers: readonly string[]])[] = [
  [
    "what it would cost",
    [
      "The answer was 6.4 million crowns a year, and a promise to send round how that had been arrived at.",
      "Less than the new carpet in this chamber, came the reply, and it would last longer.",
    ],
  ],
  [
    "who had been asked about it",
    [
      "The list was read out, and included the questioner, who had not answered.",
      "Everyone on the line between Weyford and the border, it turned out, except the railway.",
    ],
  ],
  [
    "what would happen in a hard winter",
    [
      "What happens now, was the answer: people would wait, but in the warm.",
      "The hard winters, came the reply, were the years in which the night train was never late.",
    ],
  ],
  [
    "whether the smaller stations could manage it",
    [
      "Of the 112, it seems, 90 could, and 20 would like to.",
      "The answer was a description of one of them, its stove and its stationmaster’s widow, and was felt to be a yes.",
    ],
  ],
  [
    "how anyone would know whether it worked",
    [
      "By counting, was the answer. By asking, said somebody else.",
      "The audit office will look, and it likes looking.",
    ],
  ],
  [
    "why this had to stand in a law",
    [
      "Because the last time it stood in a letter, came the answer, and the letter was lost.",
      "It need not, was the reply, if anyone could be believed without one.",
    ],
  ],
  [
    "what the railway’s own people thought of it",
    [
      "The reply quoted a letter of {n} pages, of which the last sentence was helpful.",
      "Those who drive are in favour, came the answer, those who plan are not, and those who sell the tickets had a better idea.",
    ],
  ],
  [
    "whether the neighbouring countries had tried it",
    [
      "Three had, came the reply: one with success, one without, and one in summer.",
      "One is about to, and has asked what Ostermere thinks.",
    ],
  ],
  [
    "how many passengers it would bring",
    [
      "The estimates lie between 8,000 and 80,000 a year. “In that order of likelihood,” was the comment.",
      "More than it would lose, was the answer. That had not been the question, as was pointed out.",
    ],
  ],
  [
    "when it could begin at the earliest",
    [
      "In spring, was the answer. Of which year was left open.",
      "As soon as somebody finds the keys, came the reply, and it did not sound like a joke.",
    ],
  ],
];

export const ANSWERS = [
  "“I had hoped that nobody would ask,” was the answer, and got a laugh.",
  "The short answer was that nobody knows. The long answer was the same.",
  "There followed a table, held up, that nobody beyond the second row could read.",
  "That, it was conceded, is the weak point, and the Council of Districts will have to look at it.",
  "The answer took {n} minutes, and came to “it depends”.",
];

export const GALLERY = [
  "The public gallery is full. A school class from Tilbrook has been counting how often anyone says “with respect”. They are at 38.",
  "A retired sleeping-car attendant sits in the first row of the gallery, in uniform. He has not moved for an hour.",
  "The chamber has thinned out. We count 74 members, of whom three are reading the bill.",
  "Rain on the glass roof, so loud that the President has asked members to speak up.",
  "A model of the old number 4 express has appeared on the clerks’ table. Nobody admits to having brought it.",
  "The interpreters have asked for slower speech and fewer railway terms. The first wish was granted.",
  "The canteen has renamed its soup “buffet car”. There is a queue.",
  "Somebody in the corridor is whistling the old station jingle. It is spreading.",
  "More benches filled within a minute than in the hour before: word has gone round that this vote will be close.",
  "The lights on the left of the chamber failed for a moment. “Rehearsal for the sleeping car,” said somebody.",
  "The two front benches are talking to each other behind their papers, which has not happened since the spring.",
  "The member for the Outer Skerries has put a ship’s clock on her desk. It is nine minutes slow, and she says so is the boat.",
  "The stenographers have changed over for the sixth time today, and are the only ones who never look tired.",
  "A paper aeroplane came down from the gallery. It was folded from an old timetable, and an usher has kept it.",
  "The heating has been turned up, and jackets are coming off on all sides of the house.",
  "Members of the railway choir have come in after their shift. They are under strict instructions not to sing.",
  "In the press gallery the betting is on a majority of four. In the canteen it is on six.",
  "Tea has been sent up to the gallery, which the rules neither allow nor forbid.",
  "A delegation of mayors from the Mere Line has arrived, in chains of office, and was shown to the wrong door.",
  "For the first time today the chamber is entirely quiet. The speaker noticed it too, and slowed down.",
];

export const EXPLAINED: readonly (readonly [headline: string, body: string])[] = [
  [
    "What the bill says",
    "<p>The Night Trains Bill has 34 clauses. The main ones:</p><ul><li>four lines with through sleeping cars: Northern, Mere, Pass and the Skerries boat train;</li><li>a public operator, chosen by tender every ten years;</li><li>a subsidy of at most 160 million crowns a year.</li></ul>",
  ],
  [
    "How a vote works here",
    "Bells ring for eight minutes. Then the doors are locked and members walk out and come back in through one of three doors: yes, no, or neither. The tellers count heads, not names; the list of names follows the next day.",
  ],
  [
    "Why nobody follows a whip",
    "All four parties have freed their members to vote as they see fit, for the first time in nine years. So nobody can tell in advance how a vote will go, and that includes the people whose work it is to know.",
  ],
  [
    "Eleven years without",
    "The last night train left Norhaven eleven years ago with 212 passengers and two brass bands. The operator had announced a pause of one season.",
  ],
  [
    "How many people would use it?",
    "The ministry expects 900,000 passengers a year, the audit office 640,000, and the railway’s own planners “between 500,000 and a pleasant surprise”.",
  ],
  [
    "What it costs",
    "Up to 160 million crowns a year, or about 27 crowns for each inhabitant. For comparison: the motorway bridge at Fennings cost 1.9 billion.",
  ],
  [
    "The four lines",
    "<ul><li><strong>Northern</strong>: Ostermere to Norhaven, 742 kilometres</li><li><strong>Mere</strong>: Ostermere to Port Ansgar, 518</li><li><strong>Pass</strong>: Weyford to Sorrel Pass and the border, 466</li><li><strong>Skerries boat train</strong>: Ostermere to Saltby Quay, 391</li></ul>",
  ],
  [
    "Who decides about amendments",
    "The President admits them, the clerks number them, and the chamber disposes. Of the 63 that were handed in, 20 were admitted; the others were withdrawn, merged, or found to be about buses.",
  ],
  [
    "What is a couchette?",
    "Several readers ask. Six bunks in a compartment, a blanket, and no more privacy than a tent. A sleeping car has at most three beds, sheets and a washbasin. The bill allows for both.",
  ],
  [
    "The longest speech, so far",
    "It was Matthias Lunt’s, at 41 minutes, on couplings. The shortest was “Yes”, by Nell Hawtrey, who was then told that the question had not yet been put.",
  ],
  [
    "Half way",
    "Ten amendments are done and ten are to come. By our count 131 of the 199 members have spoken so far, eleven of them more than three times.",
  ],
  [
    "What other countries do",
    "Of our seven neighbours five have night trains, one has brought them back, and one never stopped. None of the five makes money with them; four say that this was never the point.",
  ],
  [
    "Where the carriages would come from",
    "Three makers have said that they can deliver: one in two years, one in three, and one, in its own words, “promptly”.",
  ],
  [
    "Night trains and the climate",
    "The ministry’s study puts a night’s journey from Ostermere to Norhaven at a fourteenth of the emissions of the flight. It assumes full trains; with the old service’s figures it would be a sixth.",
  ],
  [
    "Your questions: will there be showers?",
    "At stations, yes: clause 19 pays for them at Norhaven, Ostermere Central and Port Ansgar. On trains only if the operator wishes to.",
  ],
  [
    "Who is who on the clerks’ table",
    "From left to right: the reading clerk, the clerk of amendments, the clerk of time with the sandglass that is no longer used, and the box of sweets that is.",
  ],
  [
    "What happens after the last vote",
    "The bill goes to the Council of Districts, which can send it back once, within six weeks. After that it needs only the signature of the head of state.",
  ],
  [
    "What the polls say",
    "Of a thousand people who were asked last month, 61 in a hundred want the trains back, 22 do not, and 17 thought that they had never gone.",
  ],
  [
    "A word on our own reporting",
    "We report what is said in the chamber in shortened form, and put in quotation marks only what was said word for word. If we get something wrong, we say so on the post itself.",
  ],
  [
    "What is at stake in the last votes",
    "Without a date in the law the ministry may choose one. With it, the tender has to begin within five months, and there would be no time for yet another study.",
  ],
];

export const MINISTER = [
  "The minister of transport, Aldous Wrenfield, said the government could live with it, “as one lives with a cousin”.",
  "Aldous Wrenfield, for the government, asked for patience: an order to much the same effect is already being drafted.",
  "The minister leaves this one to members. “I have a view,” he said, “and it changes as I listen, which is what I came for.”",
  "Aldous Wrenfield warned that every promise in the bill has to be kept at four in the morning, by someone.",
  "The minister put the cost at 14 million crowns, his officials behind him at 12. He said they were both right, in different years.",
  "“Not in this form,” said the minister, and offered to meet the movers before the second reading in the Council of Districts.",
  "The minister read from the railway’s statement, which is for the aim and against the wording.",
  "Aldous Wrenfield conceded that the bill is silent on this. It was, he said, silent by intention, though not by his.",
  "The minister thanked the mover and said nothing else, which both sides took as encouragement.",
  "Aldous Wrenfield set out three conditions. Two of them are in the amendment already, as he found out while speaking.",
  "The government will not stand in the way, said the minister. Behind him somebody could be seen crossing out a page.",
  "The minister doubts that it can be enforced. “Who will be on the platform at three to check? I will not, I have been there.”",
  "Aldous Wrenfield repeated what he had said in committee: a good idea, a year too early.",
  "The minister has moved. A month ago he was opposed; now he is “prepared to be outvoted, and without bitterness”.",
  "“I ask members to think of the timetable as a bed,” said the minister. “There is only so much blanket.”",
  "Aldous Wrenfield said that the operator would do this of its own accord. There were cries of “Never” from three parties.",
  "The minister was brief. The money is there, he said; what is missing is people who know how to couple a sleeping car.",
  "Aldous Wrenfield agreed with the arguments for and with those against, and will vote with the former.",
  "The minister asked to see the audit office’s figures before the vote. They were handed to him by the opposition.",
  "Aldous Wrenfield said that of all the amendments this was the one about which most people had written to him.",
];

export const OUTSIDE = [
  "From Norhaven: about 200 people are following the debate on a screen in the station hall, under the clock that has stood still for eleven years.",
  "The railway workers’ union has put out a statement. It welcomes the bill, regrets its pay clauses, and asks for a third thing on page four.",
  "The association of hoteliers is now in favour. Its chair says that guests who have slept arrive earlier and complain less.",
  "A farmer from Lower Mere has rung us up: the old milk platform is overgrown, but he has a scythe and would know what to do with it.",
  "The towns on the Pass Line have written to all members. They would repaint their stations themselves, if somebody sent the paint.",
  "At Saltby the harbour office has put up the result of each vote on the board on which it otherwise shows the tides.",
  "The motorists’ club is neutral, its spokesman says, “as one is neutral about other people’s holidays”.",
  "Two carriage makers have sent models to the lobby. They have been placed back to back.",
  "The budget airline that flies to Norhaven has cut its fares to 19 crowns. It calls this a coincidence.",
  "The students’ union has been reading the bill aloud on the Assembly steps, clause by clause, to a modest crowd.",
  "The institute of railway history has opened its one remaining sleeping car to visitors. They were asked to take off their shoes.",
  "At Withy Green, where the line passes close to the houses, a meeting of residents ended with 31 votes for the trains and 31 against.",
  "The bakery in the old waiting room at Marrick says that it would open at four if there were a train at half past.",
  "The audit office has confirmed that its figures are those that both sides are quoting, in both cases correctly.",
  "The bishop of Crossfell has asked that bells be rung at the last vote. The fire brigade has asked for some warning.",
  "The signallers’ museum has lent the Assembly a lamp. It hangs in the lobby, and shows green for the moment.",
  "In Port Ansgar the mayor has had the sleeping-car siding cleared. “It was full of geraniums,” he says. “They have been moved.”",
  "The consumers’ office has compared fares: by night train the journey to Norhaven would cost less than the flight and a taxi, and more than the coach.",
  "A former minister, who took the decision eleven years ago, is in the lobby. Asked whether he regrets it, he said that he has not slept well on a flight since.",
  "The weather service reports the first snow on the Sorrel Pass. Opponents and supporters of the bill both see it as an argument.",
];

export const PROCEDURE = [
  "{a} rose on a point of order. The President found that it was not one, but a good point.",
  "The President reminds members of the time. There are {n} speakers left on this amendment.",
  "A request by {a} to close the list of speakers was turned down on a show of hands.",
  "{a} has given up the rest of the time allotted, to applause from all sides.",
  "Correction from the clerks: in line {n} of the printed amendment, “sleeper” means the passenger and not the beam.",
  "{a} asked that the minister be in the chamber. He was, in the back row, and waved.",
  "The sitting was interrupted for {n} minutes because the microphone of {a} could not be turned off.",
  "{a} has withdrawn a remark about {b}, who has accepted “in the same spirit, whatever it was”.",
  "A vote on whether to vote now has failed. {a} has the floor.",
  "{a} and {b} have swapped places on the list of speakers, after what looked like the tossing of a coin.",
  "The President has asked {a} to finish, and is being obeyed, point by point.",
  "A copy of the amendment was missing page {n}. It has been found under the papers of {a}, and read aloud.",
  "{a} asked whether one may abstain from abstaining. The clerks are looking it up.",
  "Another {n} members have asked to speak a second time. {a} was the first to be allowed.",
  "The list of speakers is closed. {a} is on it twice and may choose.",
  "{a} has asked for the vote to be put off until the morning. That was refused, by both sides at once.",
  "An exchange between {a} and {b} over who had the floor was settled by alphabet.",
  "The President has ruled a comparison by {a} out of order, and asked that it be taken down accurately nevertheless.",
  "{a} quoted the standing orders, {b} quoted the next paragraph, and the sitting went on.",
  "Members have agreed to go on through the tea break. {a} asked that it be noted who had proposed it.",
];

export const SPEECHES = [
  "{a} used the time for a journey through the whole of the constituency, station by station. It was more moving than it sounds.",
  "{a} spoke without notes, and mostly about cheese. The President let it pass, since it had come by rail.",
  "{a} spoke for six minutes, thanked a grandmother, and sat down to applause from everyone.",
  "{a} went through the old timetable from memory, including the footnotes.",
  "{a} would rather see the money spent on the daytime trains: “They exist, and are full, and are late.”",
  "{a} and {b} agreed on everything except the conclusion.",
  "{a} has changed sides, and said so: “I was wrong in committee, and I had a long night to think about it.”",
  "A technical speech from {a}, on axle loads. Those who stayed say that it was the best of the day.",
  "{a} reminded the house that the bill is 34 clauses long, and that they have been talking about one of them for an hour.",
  "{a} warned against romance: “People did not stop taking the night train because they were unhappy. They stopped because there was a cheaper way to arrive.”",
  "{a} read out a letter from a nurse who crosses the country twice a month in a coach. It was heard in silence.",
  "A dry quarter of an hour from {a}, on the difference between a subsidy and a payment for a service. The minister took notes.",
  "{a} has counted: the word “romantic” has been used 57 times so far, “maintenance” four times.",
  "{a} spoke of the winter in which only the night train got through, and of who was on it.",
  "{a} would support all of it if somebody could explain the tender. {b} tried.",
  "In the view of {a} the house is about to solve the right problem {n} years too late. “Which is early, for us.”",
  "{a} asked members to think of those who clean the carriages between seven and nine, and who do not appear in the bill.",
  "{a} brought a pillow from the old service, as evidence. It was passed along the bench, with some care.",
  "{a} answered {b} with a quotation, and {b} answered with the rest of it.",
  "The most careful speech of the day came from {a}, who gave {n} reasons for the bill, and the same number against, and then sat down.",
];

export const SAID = [
  "Nobody has ever written a song about a short-haul flight.",
  "There are two kinds of members: those who have missed a connection at Weyford, and those who are lying.",
  "The market did not take our night trains away. A meeting did. So a meeting may bring them back.",
  "I was told that politics is about choosing. Nobody told me that it was about choosing pillows.",
  "We are a long country. It would be as well to be able to cross it lying down.",
  "I have read all of the studies. They recommend studies.",
  "If we only did what paid for itself, Madam President, we should all have to leave this chamber now.",
  "Let us not pretend that this is about trains. It is about who lives far away, and from what.",
  "I shall vote against, and I shall be on the first train. I see no contradiction.",
  "Every minister for thirty years has promised the third track at Weyford. I shall name them. I have brought water.",
  "A railway is a promise with a timetable.",
  "I come from a place where the last train leaves at ten past six. You cannot imagine how early one grows old there.",
  "My colleague says that people can drive. My colleague has evidently never met my constituents.",
  "There is nothing wrong with the bill that a good night’s sleep would not improve.",
  "The member opposite has made an excellent case for my amendment, and then opposed it.",
  "I should like to hear less about the passengers of the future and more about the ones who wrote to me last week.",
  "What leaves at night arrives in the morning. It is not much of a principle, but it has got me out of bed.",
  "One can be for a thing and still want to know its price.",
  "We took eleven years to notice that something had gone. I do not think that we may now complain about four days.",
  "Somewhere tonight a child lies awake and listens for a train. I did. I should like there to be one.",
];

export const BELLS = [
  "The bells are ringing for the vote on amendment {no}. Eight minutes, and members are coming up the stairs from the canteen.",
  "The debate on amendment {no} is closed, after {n} more speeches than had been planned. Members are going through the doors.",
  "“The question is that amendment {no} be made,” says the President. The doors are locked.",
  "They are voting on amendment {no}. Before the middle door, which is for those who abstain, there is an unusual crowd.",
  "Vote on amendment {no}. The tellers are {a} and {b}, who disagree about it and will count each other’s side.",
];

export const CARRIED = [
  "The amendment is carried by {yes} votes to {no}; {rest} abstained.",
  "{yes} in favour, {no} against, {rest} abstentions: it becomes part of the bill.",
  "It is through, by {yes} votes to {no}; the middle door was taken by {rest}.",
];

export const LOST = [
  "The amendment is lost by {no} votes to {yes}; {rest} abstained.",
  "{yes} in favour, {no} against, {rest} abstentions. The bill stays as it was.",
  "It falls, by {no} votes to {yes}; the middle door was taken by {rest}.",
];

/** After the vote, when the amendment was carried and when it was lost. */
export const AFTER_CARRIED = [
  "There is some embracing on the left. {a} is seen to shake hands with an opponent.",
  "“I had prepared a speech for the other case,” says {a} in the lobby. “It was the better speech.”",
  "{a}, who had voted against, calls it “a mistake that I hope to enjoy”.",
  "The clerks are already writing it into the bill, in ink.",
  "{a} left the chamber to telephone home, and came back with good wishes for the house.",
  "Applause from the gallery, which the President overlooked for {n} seconds.",
  "{a} speaks of the best day of a long career, {b} of an expensive one.",
  "On the screen in Norhaven, we hear, the figures were greeted with a cheer that set off the station’s alarm.",
  "{a} congratulated the movers, and warned them of the Council of Districts.",
  "Nobody seems more surprised than those who proposed it.",
  "{a} asks for silence, does not get it, and sits down smiling.",
  "“Now it has to be done,” says {a}, and does not look entirely happy.",
  "The minister crossed the floor to congratulate. {a} remarked that this was the shortest journey of the debate.",
];

export const AFTER_LOST = [
  "{a} takes it calmly: “It will be back. So will I.”",
  "There was a sigh from the gallery, and then a good deal of coughing.",
  "{a} blames the hour, {b} the wording.",
  "“We lost it in the canteen,” says one of those who proposed it. “People did not come up in time.”",
  "{a}, who had voted in favour, will bring it in again as a bill of its own.",
  "The minister looked relieved, for {n} seconds at most.",
  "A narrow thing, says {a}, who was on the winning side and would not have minded the other.",
  "{a} asks for a recount; the tellers agree with each other for once, and so the figures stand.",
];

/** For each of the four days: how it began, its order paper, the break, after the break, how it ended. */
export const DAYS: readonly (readonly (readonly [headline: string | null, body: string])[])[] = [
  [
    [
      "The Assembly takes up the Night Trains Bill",
      "Good morning from Ostermere. Eleven years after the last night train, the Assembly begins its debate on bringing them back. Four days have been set aside, and 20 amendments are to be voted on. This is a demonstration story of Dateline: country, Assembly and trains are all invented.",
    ],
    [
      "Today’s order",
      "The opening statements have been taken as read. Before us are amendments 1 to 5: how often the trains should run, who should sit in them, who should hear them, and who should drive them.",
    ],
    [null, "The sitting is suspended for an hour. The soup is leek."],
    [null, "We are back. The President has asked for shorter speeches, in a speech of some length."],
    [
      "First day ends with three amendments carried",
      "The Assembly has adjourned. Three of the five amendments of the day are in the bill: bicycles, seats and rest for the crews. Trains are not to run every night, and need not slow down for the villages. We will be back in the morning.",
    ],
  ],
  [
    [
      "Second day: the small stations",
      "Good morning. After the large questions of yesterday, today belongs to the 112 stations at which a night train might stop, and to what people may bring along.",
    ],
    [
      "Today’s order",
      "Amendments 6 to 10: stops on request, waiting rooms, dogs, freight and breakfast, in this order.",
    ],
    [null, "A break of an hour. Outside, the railway choir sings after all."],
    [null, "The sitting has resumed, with rather more members than before the break. The dogs are next."],
    [
      "Second day ends with small stations back on the map",
      "That is all for today. Trains will stop on request, waiting rooms will be lit, and freight keeps its two hours on the Mere Line. Dogs and breakfast were voted down. Good night from the press gallery.",
    ],
  ],
  [
    [
      "Third day: who gets to travel",
      "Good morning, on what most people here expect to be the longest of the four days. It begins with the amendment that has brought the most visitors to the gallery.",
    ],
    [
      "Today’s order",
      "Amendments 11 to 15: berths without steps, fares for the young, the boat to the Outer Skerries, families, and letters.",
    ],
    [null, "The sitting is suspended for an hour. For the third time, the soup is leek."],
    [null, "We continue. The member for the Outer Skerries is in her place, with her ship’s clock."],
    [
      "Third day ends, and the boat will wait",
      "The Assembly has adjourned. Four of five amendments were carried today; only the half fare for the young was lost. Tomorrow: money, and a date.",
    ],
  ],
  [
    [
      "Last day: money, and a date",
      "Good morning for the last time. Five amendments remain, and after them the vote on the whole. Nobody here ventures to say how it will go.",
    ],
    [
      "Today’s order",
      "Amendments 16 to 20: open timetables, the ownership of the carriages, money back, the review, and the day of the first train. Then the bill itself.",
    ],
    [null, "A break of an hour, and not a minute more. The canteen serves sandwiches under the name of “final call”."],
    [null, "The doors are open again, and there is not one free seat in the gallery."],
    [
      "Night Trains Bill passed by 118 votes to 74",
      "The Assembly of Ostermere has passed the Night Trains Bill by 118 votes to 74, with seven abstentions. It now goes to the Council of Districts. In the station hall at Norhaven, we hear, somebody has climbed up and wound the clock. Our coverage ends here. Thank you for reading.",
    ],
  ],
];
