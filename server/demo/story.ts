import type { Verification } from "../database.ts";
import type { PictureName } from "./pictures.ts";

/**
 * The demo's live story. Coast, towns, people, institutions and events are invented. Times are minutes before the
 * moment at which the demo is made, and `{-155}` in a text stands for the clock 155 minutes before it.
 */
export interface StoryPost {
  readonly at: number;
  /** Names; those of demo accounts are linked to them, others are guests. */
  readonly by?: readonly string[];
  readonly headline?: string;
  readonly body?: string;
  readonly quote?: { text: string; name: string; role?: string; source?: string; sourceUrl?: string };
  /** The key of a reader's comment in comments.ts. */
  readonly comment?: string;
  readonly picture?: PictureName;
  readonly keyEvent?: true;
  readonly summary?: true;
  readonly pinned?: true;
  readonly verification?: Verification;
  readonly verificationNote?: string;
  /** Not published: kept at the desk. */
  readonly status?: "draft" | "submitted";
  readonly later?: readonly Later[];
}

/** What was done to a post afterwards. */
export interface Later {
  readonly at: number;
  readonly headline?: string;
  readonly body?: string;
  readonly correction?: string;
  readonly verification?: Verification;
  readonly verificationNote?: string | null;
  /** Taken down, for this reason. */
  readonly removed?: string;
}

export const STORY_SLUG = "demo";

export const STORY_TITLE = "Merrow Coast storm surge: water falls back after the second high tide";

export const STORY_STANDFIRST =
  "More than six thousand people left their homes before the higher of two tides. Crews are now counting the damage from Tollen Point to Ebbstow. This is Dateline’s demonstration story: the coast, the people and the storm are all invented.";

const CALDER = "Ines Calder";
const BRANDT = "Tomas Brandt";
const OKAFOR = "Ruth Okafor";
const MARSH = "Linnea Marsh";
const HALE = "Bastian Hale";

export const STORY: readonly StoryPost[] = [
  {
    at: 1412,
    by: [CALDER],
    headline: "Two tides, one storm: forecasters warn the whole Merrow Coast",
    keyEvent: true,
    body: `The Tidal Forecast Office at Tollen has issued a severe warning for the whole of the Merrow Coast, from Tollen Point in the north to the mouth of the river Quill at Ebbstow.

A deep low is expected to push a surge into the bay on two successive high waters, at about {-900} and again at about {-155}. The second is the one that worries the forecasters: it coincides with a spring tide.

We will follow the next day here, tide by tide. A word before we begin: this is the demonstration story of Dateline, a live-blog server. Nothing in it happened.`,
  },
  {
    at: 1398,
    by: [BRANDT],
    body: `The warning in brief:

<ul><li><strong>First high water</strong>, about {-900}: between 4.6 and 4.9 metres at Greyhythe.</li><li><strong>Second high water</strong>, about {-155}: between 5.3 and 5.7 metres.</li><li>The sea wall at Greyhythe was built for 5.8 metres; the dunes at Wickersand were last surveyed at 5.5.</li></ul>`,
  },
  {
    at: 1377,
    by: [BRANDT],
    picture: "tides",
    headline: "How high, and when",
    body: `The forecast that everybody on the coast has been looking at, redrawn by us. The dashed line is the top of the sea wall at Greyhythe. In the 88 years of the record no tide has come within half a metre of it.`,
  },
  {
    at: 1350,
    quote: {
      text: "I would rather apologise for an evacuation that turned out to be unnecessary than for one we did not order.",
      name: "Mirela Stroud",
      role: "leader of Greyhythe Town Council",
      source: "Statement to reporters",
    },
    by: [MARSH],
  },
  {
    at: 1331,
    by: [MARSH],
    headline: "In Greyhythe, the boats leave first",
    body: `The inner harbour is emptying. By our count, 31 of the 54 boats registered here have gone round the point to lie in the lee of Hallow Down, and those that stay are doubling their lines.

The harbour master, Brenna Tolliver, has been on the quay since before it was light with a list on a clipboard. “A boat can be mended,” she said. “I want to know who is still sleeping on one.”`,
  },
  {
    at: 1305,
    by: [CALDER],
    headline: "Zone A told to leave: 6,200 people asked to be out before the second tide",
    keyEvent: true,
    body: `The council has ordered the evacuation of zone A: the Greyhythe quays, the sea front at Wickersand and all of Lowmarsh below the old dyke. That is some 6,200 people in about 2,700 households.

Zone B, with another 11,000, is asked to be ready. Nobody there has to leave for the moment.`,
  },
  {
    at: 1288,
    by: [HALE],
    picture: "zones",
    headline: "Which zone am I in?",
    body: `Zone A, hatched on our map, is to be left before the second tide. Zone B is on stand-by. If your street lies on the border between the two, the council’s advice is to treat it as A. The full list of streets is on <a href="https://zones.merrow.example.org/streets">the council’s page</a>.`,
    later: [
      {
        at: 1240,
        correction:
          "An earlier version of the map’s caption gave the number of households in zone B as 1,100. It is 5,100.",
      },
    ],
  },
  {
    at: 1262,
    by: [BRANDT],
    body: `The Coast Line has published a reduced timetable. Trains between Greyhythe and Wickersand run every half hour until {-420}, free of charge and without reservations, and then stop until the track has been inspected. Dogs, cats and, the railway adds, “poultry in a closed box” travel too.`,
  },
  {
    at: 1239,
    by: [OKAFOR],
    headline: "Where to go: four shelters open",
    picture: "shelters",
    body: `Four shelters are open and staffed:

<ul><li><strong>St Orrin School</strong>: 450 places, step-free, pets in the gymnasium</li><li><strong>Anselby Exhibition Hall</strong>: 900 places, medical post</li><li><strong>Quillhead Sports Centre</strong>: 300 places</li><li><strong>Hallow Down Church Hall</strong>: 120 places, for people who need quiet</li></ul>

Bring medicines, warm clothes, chargers and something for children to do. Shelters have food and blankets.`,
    later: [
      {
        at: 480,
        body: `Four shelters are open and staffed:

<ul><li><strong>St Orrin School</strong>: now full; please do not set out for it</li><li><strong>Anselby Exhibition Hall</strong>: 900 places, medical post, room for about 350 more</li><li><strong>Quillhead Sports Centre</strong>: 300 places, about 60 left</li><li><strong>Hallow Down Church Hall</strong>: 120 places, for people who need quiet</li></ul>

Bring medicines, warm clothes, chargers and something for children to do. Shelters have food and blankets.`,
      },
    ],
  },
  {
    at: 1217,
    comment: "wheelchair",
    by: [OKAFOR],
    body: `We asked. The council’s transport line has eleven vehicles with lifts, and a call is enough; nobody has to prove anything. The number is on every notice that was delivered in zone A. St Orrin School and the Exhibition Hall are both step-free.`,
  },
  {
    at: 1190,
    quote: {
      text: "We have closed these gates four hundred and six times to make sure that we can close them once.",
      name: "Oskar Lindmere",
      role: "chief engineer of the Ebbstow Barrier",
      source: "Merrow Rivers Board briefing",
      sourceUrl: "https://rivers.merrow.example.org/briefings",
    },
    by: [BRANDT],
  },
  {
    at: 1164,
    by: [HALE],
    headline: "What the barrier does, and what it does not",
    body: `The Ebbstow Barrier keeps the sea out of the Quill and so protects the town and 40 square kilometres behind it. It does nothing for the open coast, where Wickersand has only its dunes.

There is a price for closing it. The river keeps arriving from inland and has nowhere to go until the gates open again. The Rivers Board reckons it can hold for nine hours at the present flow before the meadows at Quillhead begin to fill. Nine hours is more than enough for one tide. It is a little tight for a surge that does not quite drain away in between.`,
  },
  {
    at: 1128,
    by: [MARSH],
    body: `Queues at the filling station on the Anselby road, but they move. At the supermarket next door the bread is gone, and so, for reasons nobody could explain to us, is all of the tonic water.`,
  },
  {
    at: 1096,
    by: [BRANDT],
    headline: "Lowmarsh farmers move 1,900 head of cattle",
    body: `It is the slowest convoy on the coast. Since {-1180} farmers in Lowmarsh have been walking and trucking their herds up to the common at Hallow Down.

Hetty Dunmore, who farms below the old dyke, brought down the same gate that her grandmother had used. “She moved ninety cows in the flood year with two dogs and no telephone,” she said. “I have four telephones and the cows take no notice of any of them.”`,
    later: [
      {
        at: 1061,
        correction:
          "We first gave the number of cattle as 9,100. The district’s veterinary office counts 1,900; we had transposed two figures.",
      },
    ],
  },
  {
    at: 1053,
    comment: "cattle",
    by: [BRANDT],
    body: `You are right, and thank you: we had swapped two digits. The post has been corrected and says so.`,
  },
  {
    at: 1022,
    by: [CALDER],
    headline: "Ebbstow Barrier begins to close",
    keyEvent: true,
    body: `The first of the five gates at Ebbstow went down at {-1028}. Closing all five takes a little under an hour. Shipping in the Quill has stopped.`,
  },
  {
    at: 989,
    by: [MARSH],
    picture: "harbour",
    headline: "Greyhythe, waiting",
    body: `Low light over the inner harbour, the tide still out. The lamps on the mole were lit early so that the crews can see the gauge from the shore.`,
  },
  {
    at: 951,
    by: [HALE],
    body: `A short explanation of a word that you will read often here. The <em>surge</em> is what the storm adds to the tide: low pressure lets the sea rise, and the wind pushes it up against the coast. The <em>tide</em> is there every day. Only their sum matters to a wall.

<blockquote>A surge of a metre at low water is a curiosity. The same metre at high water is a flood.</blockquote>

So says the handbook of the forecast office, and it is why everyone keeps asking what time it is.`,
  },
  {
    at: 924,
    by: [BRANDT],
    body: `Wind at Tollen Point: 24 metres a second, gusts of 33. The anemometer at the lighthouse is one of two that still report; the one at Wickersand stopped at {-931}.`,
  },
  {
    at: 897,
    by: [CALDER],
    headline: "First high water: 4.73 metres, and the wall holds",
    keyEvent: true,
    body: `The first of the two tides has peaked at Greyhythe at 4.73 metres, within the forecast. Spray came over the mole; there is water on the fish quay, as there is every winter, and none in the streets behind it.

“A rehearsal,” said the coastguard’s duty commander, Juno Petrakis. “A useful one. The second house is bigger.”`,
  },
  {
    at: 868,
    by: [MARSH],
    body: `The gauge in the harbour has begun to fall, and for the first time since the warning somebody on the quay has made a joke. It was not a good joke, but everybody laughed.`,
  },
  {
    at: 836,
    quote: {
      text: "The tide went out about two thirds of the way and then it simply stopped going. I have kept this book for twenty-six years and I have not written that before.",
      name: "Isak Wren",
      role: "keeper of the tide book at Wickersand",
    },
    by: [MARSH],
  },
  {
    at: 804,
    by: [HALE],
    headline: "Why the ebb matters",
    body: `Mr Wren’s observation is borne out by the gauges. The wind is holding water in the bay: low water will be about 1.1 metres higher than the tables say, so the second tide starts from a step up.

The forecast office has narrowed its range for {-155} to between 5.4 and 5.7 metres.`,
  },
  {
    at: 771,
    by: [OKAFOR],
    headline: "Anselby General clears two wards",
    body: `The hospital lies high and dry, but the road to it does not. Dr Amara Fenwick, its medical director, has had 38 patients moved from the ground floor of the coastal clinic at Greyhythe and cancelled everything that can wait.

Women due to give birth within the week have been offered a bed in Anselby. Nine have accepted. One, we are told, did not wait for the offer: mother and daughter are well.`,
  },
  {
    at: 742,
    by: [BRANDT],
    headline: "What we know so far",
    summary: true,
    pinned: true,
    body: `<ul><li>The first tide passed without serious damage. The second, higher one is due at about {-155}.</li><li>Zone A must be left by {-330}. About 4,000 of its 6,200 people have gone.</li><li>The Ebbstow Barrier is closed.</li><li>Nobody has been reported hurt.</li></ul>`,
    later: [
      {
        at: 452,
        body: `<ul><li>The second, higher tide is due at about {-155}; the forecast is 5.4 to 5.7 metres.</li><li>About 5,700 of the 6,200 people in zone A have gone. The last buses leave at {-330}.</li><li>The Ebbstow Barrier is closed and will stay so.</li><li>St Orrin School is full; the Exhibition Hall at Anselby has room.</li></ul>`,
      },
      {
        at: 92,
        body: `<ul><li>The second tide peaked at Greyhythe at 5.41 metres and is falling.</li><li>The dunes at Wickersand gave way over about 40 metres; 62 houses took in water.</li><li>Two lifeboat volunteers were slightly injured. <strong>No deaths have been reported.</strong></li><li>Zone A stays closed until the next high water, at about {+590}, has passed.</li><li>About 3,400 homes were cut off from electricity; crews are on their way to the substations.</li></ul>`,
      },
    ],
  },
  {
    at: 715,
    comment: "rumour-school",
    by: [OKAFOR],
    body: `No, it is not true. We rang the school: the roof is sound, the boiler works and nobody has been turned away for want of identity papers. The message that is going round did not come from the council.`,
  },
  {
    at: 683,
    by: [BRANDT],
    headline: "Ferry to the outer islands suspended",
    body: `The last boat from Greyhythe to the Little Orrins went at {-690} with the mail and two passengers. There will be none until the day after tomorrow at the earliest. The islands’ 140 inhabitants have stores for two weeks; they are, by habit, the best prepared people on this coast.`,
  },
  {
    at: 655,
    by: [HALE],
    verification: "unverified",
    body: `Messages passed from phone to phone claim that a gate of the Ebbstow Barrier has failed to close. The Rivers Board says that all five are down and locked. We have asked to see the gate positions, which are recorded every minute.`,
    later: [
      {
        at: 590,
        verification: "disputed",
        verificationNote:
          "The Rivers Board’s log shows all five gates closed by {-975}. The engineers’ union says that gate four needed a second attempt and closed 22 minutes late. Both agree that it is closed now.",
      },
    ],
  },
  {
    at: 628,
    by: [MARSH],
    body: `House to house in Chandlers Row. The volunteers knock, ask, tick and chalk a small circle on the door. It is quick work where the answer is yes.

At number 14 a man of eighty is not coming. He has slept in that room since he was born in it. After twenty minutes one of the volunteers, who is perhaps nineteen, asks whether he would come and keep her grandmother company at the hall, as she will not play cards with the young. He looks for his coat.`,
  },
  {
    at: 597,
    quote: {
      text: "Please do not come to look at the sea. It will be there next week.",
      name: "Juno Petrakis",
      role: "duty commander of the Merrow Coastguard",
      source: "Radio Merrow",
      sourceUrl: "https://radio.merrow.example.org/",
    },
    by: [BRANDT],
  },
  {
    at: 566,
    by: [CALDER],
    headline: "Zone B: nobody has to leave, the council repeats",
    body: `After a wave of worried calls the council has said once more that zone B is <em>not</em> being evacuated. Those who would sleep better elsewhere may go to the Exhibition Hall; those who stay should move upstairs what they would miss, and charge their telephones.`,
  },
  {
    at: 534,
    by: [OKAFOR],
    headline: "Inside St Orrin School",
    body: `Four hundred and forty-eight people, eleven dogs, one parrot. The parrot is called Admiral and has a low opinion of the arrangements.

The head teacher, Callum Breck, opened the building himself. The youngest classes have drawn signs for every corridor, so that the way to the toilets now leads past two dragons and a very large fish. Mr Breck says that he will not be taking them down.`,
  },
  {
    at: 503,
    comment: "thanks-driver",
    by: [OKAFOR],
    body: `We passed your message on to the depot. The driver of that bus is called Pavo, and he asked us to say that the cat was no trouble at all.`,
  },
  {
    at: 471,
    by: [BRANDT],
    body: `The last train from Wickersand has been brought forward by half an hour, to {-450}: sand is blowing over the rails at the golf halt. Buses go on until {-330}.`,
  },
  {
    at: 438,
    by: [HALE],
    picture: "surge",
    headline: "What a surge looks like from the side",
    body: `A section through the coast at Wickersand, drawn to explain why the next hours matter. The ordinary tide would come to the foot of the dune. The surge lifts the whole sea, and the waves ride on top of it.`,
  },
  {
    at: 409,
    quote: {
      text: "Our dune is a good dune. It has been good to us. But it is sand, and I have told everyone what sand does.",
      name: "Tove Ashgrove",
      role: "dune warden, Wickersand",
    },
    by: [MARSH],
  },
  {
    at: 381,
    by: [CALDER],
    headline: "Gusts of 38 metres a second at Tollen Point",
    body: `That is the strongest since the present instrument was put up. The lighthouse keeper reports that the tower is “singing, in about G”. The power company has begun to switch off exposed lines before they fall.`,
  },
  {
    at: 352,
    by: [BRANDT],
    headline: "A missing fisherman",
    body: `A man from Greyhythe who went to look after his boat has not come back. The coastguard is searching the outer mole.`,
    later: [{ at: 341, removed: "He could be recognised from it before his family had been told; he is safe" }],
  },
  {
    at: 338,
    by: [CALDER],
    body: `We have taken down a post about a man reported missing in Greyhythe: it could have identified him before his family knew. He has since been found safe, in the cabin of a neighbour’s boat, asleep. We are sorry for the distress that it caused.`,
  },
  {
    at: 324,
    by: [BRANDT],
    headline: "Zone A is closed",
    keyEvent: true,
    body: `The last bus has left Wickersand, and the roads into zone A are shut. The council believes that about 150 people have chosen to stay. Their addresses are known to the crews. “We will not be able to come for everyone,” the council’s leader, Mirela Stroud, said. “We have told them that, one by one, as kindly as we could.”`,
  },
  {
    at: 291,
    by: [HALE],
    body: `A note on how we work at a time like this. We publish what we have seen ourselves or had confirmed by two sources who could know. What we cannot confirm but believe you should be aware of is marked <strong>Unverified</strong> and stays marked until we know. When we are wrong we say so on the post itself.`,
  },
  {
    at: 262,
    comment: "islands",
    by: [BRANDT],
    body: `We reached the post office on Great Orrin by radio telephone at {-270}. All is well, the generator runs, and the two passengers from the last ferry are being taught to gut herring.`,
  },
  {
    at: 236,
    by: [MARSH],
    body: `From the upper window of the harbour office in Greyhythe: the fish quay is under water, with an hour and twenty minutes to go. The bollards stand in a row like swimmers up to the neck.`,
  },
  {
    at: 211,
    by: [CALDER],
    headline: "Power out in Wickersand and parts of Greyhythe",
    body: `About 3,400 homes are without electricity. The pumps in Chandlers Row have their own generator and are running. Mobile networks work, though slowly; text messages get through more easily than calls.`,
    later: [{ at: 119, correction: "We first wrote that 34,000 homes were without power. The number is 3,400." }],
  },
  {
    at: 187,
    by: [HALE],
    verification: "unverified",
    verificationNote: "We have not been able to establish when and where this was filmed.",
    headline: "Video appears to show the sea coming through the dunes",
    body: `A video of 40 seconds that is being shared widely appears to show water running through a gap in the dunes at Wickersand, near the golf halt. We are trying to reach whoever filmed it.`,
    later: [
      {
        at: 168,
        verification: "partly-verified",
        verificationNote:
          "The water tower and the halt’s signal place it at Wickersand. We do not yet know when it was filmed.",
      },
      {
        at: 149,
        verification: "verified",
        verificationNote:
          "Filmed at {-192} from the signal box; we have spoken to the signaller and seen the original file.",
        headline: "Video shows the sea coming through the dunes",
        body: `A video of 40 seconds shows water running through a gap in the dunes at Wickersand, near the golf halt. It was filmed at {-192} by the signaller on duty, who had stayed to secure the crossing and has since walked out along the embankment.`,
      },
    ],
  },
  {
    at: 174,
    by: [CALDER],
    headline: "The dunes at Wickersand have given way",
    keyEvent: true,
    body: `The dune warden confirms it: the sea is through at Wickersand, over a width of about 40 metres. Water is running into the lower village, all of which lies in zone A. Two boats of the coastguard and the volunteers’ lifeboat are on their way.`,
  },
  {
    at: 153,
    by: [BRANDT],
    headline: "Second high water: 5.41 metres at Greyhythe",
    keyEvent: true,
    body: `The gauge in the harbour stood at 5.41 metres at {-156} and has not risen since. That is the highest in its 88 years, and 39 centimetres below the top of the wall.

<table><caption>High water at Greyhythe, in metres</caption><tr><td></td><th>Forecast</th><th>Measured</th></tr><tr><th>First tide</th><td>4.6–4.9</td><td>4.73</td></tr><tr><th>Second tide</th><td>5.3–5.7</td><td>5.41</td></tr><tr><th>Top of the sea wall</th><td>–</td><td>5.80</td></tr></table>`,
    later: [
      {
        at: 127,
        correction:
          "We first reported 5.61 metres, as the harbour’s display showed. The forecast office has corrected the reading for wave motion.",
      },
    ],
  },
  {
    at: 139,
    quote: {
      text: "It came up to the third step and it stopped at the third step. I am going to have that step gilded.",
      name: "Brenna Tolliver",
      role: "harbour master of Greyhythe",
    },
    by: [MARSH],
  },
  {
    at: 121,
    by: [MARSH],
    headline: "Everyone accounted for in Chandlers Row",
    body: `The crews have gone through the street by boat. Water stands knee-deep at the lower end. Of the 23 people who had stayed, 19 have now changed their minds.`,
  },
  {
    at: 108,
    comment: "dad",
    by: [OKAFOR],
    body: `He is at the Exhibition Hall, in good spirits, and has been put in charge of the tea. He says your number was on the refrigerator.`,
  },
  {
    at: 96,
    by: [CALDER],
    headline: "Two lifeboat volunteers hurt",
    body: `Two members of the Wickersand lifeboat’s crew were injured when the boat struck a submerged fence. Both are at Anselby General, neither in danger. The boat went out again with two others.`,
  },
  {
    at: 83,
    by: [HALE],
    verification: "partly-verified",
    verificationNote:
      "Two farmers have told us of losses; the veterinary office has not yet been able to reach the fields.",
    body: `Some cattle that could not be moved in time have been lost in Lowmarsh. Most of the herds are safe on the common at Hallow Down.`,
  },
  {
    at: 71,
    by: [BRANDT],
    picture: "rainfall",
    headline: "Now for the river",
    body: `The sea is falling, and attention turns inland. Rain in the hills has put more water into the Quill than expected, and the barrier has been shut for more than fifteen hours. The chart shows the level at Quillhead bridge: there are 30 centimetres left to the meadows’ edge.`,
  },
  {
    at: 58,
    by: [CALDER],
    headline: "Ebbstow Barrier opens two of five gates",
    keyEvent: true,
    body: `At {-62} the sea outside fell below the river inside, and the engineers opened gates one and five. “Listen to that,” said Oskar Lindmere over a very loud telephone. “That is the best sound I know.”`,
  },
  {
    at: 47,
    quote: {
      text: "We prepared for worse and we got bad. I will take bad.",
      name: "Pell Anderwick",
      role: "head of the Tidal Forecast Office",
      source: "Briefing at Tollen",
    },
    by: [HALE],
  },
  {
    at: 39,
    by: [OKAFOR],
    headline: "How to help, and how not to",
    body: `<ol><li>Stay away from zone A. Every car there is in the way of a pump.</li><li>Money is more useful than things. The shelters’ joint fund is at <a href="https://fund.merrow.example.org/">fund.merrow.example.org</a>.</li><li>Spare rooms can be offered at any town hall; 310 have been so far.</li><li>Please, no more jumpers. The Exhibition Hall has about two thousand.</li></ol>`,
  },
  {
    at: 28,
    comment: "return",
    by: [CALDER],
    body: `Not before the next high water, at about {+590}, which is forecast well below the wall. After that, street by street, once gas and electricity have been checked. The council will publish the order; we will carry it here the moment we have it.`,
  },
  {
    at: 19,
    by: [MARSH],
    body: `The lamps on the mole are still burning. Along the fish quay people have started, without anybody having asked them, to sweep.`,
  },
  {
    at: 11,
    by: [BRANDT],
    headline: "Power back for two thirds",
    body: `Of the 3,400 homes that were cut off, about 2,200 have electricity again. The rest are nearly all in Wickersand, where the substation stands in water and will have to dry before anyone goes near it.`,
  },
  {
    at: 4,
    by: [CALDER],
    body: `A quieter hour, at last. We are staying with the story: the pumps, the river, the first inspections at Wickersand, and the next tide. Tell us what you see, in the comments, and from somewhere dry.`,
  },
  {
    at: 9,
    by: [OKAFOR],
    status: "submitted",
    headline: "The parrot has left the building",
    body: `Admiral, the parrot of St Orrin School, has gone home with a family from zone B. The corridor is said to be very quiet.`,
  },
  {
    at: 6,
    by: [BRANDT],
    status: "draft",
    headline: "Wickersand: what the first inspection found",
    body: `Draft: wait for the dune warden to confirm the width of the gap. Substation, golf halt, lower village, in this order.`,
  },
];
