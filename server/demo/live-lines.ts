/** What the simulated reporter has to say; invented, like the story it goes on with. Used in order, then again. */

export const NEWS: readonly { headline?: string; body: string }[] = [
  {
    headline: "Harbour Street reopens to residents",
    body: "Residents of Harbour Street in Greyhythe may go back from this hour, on foot and with a pass. Cars stay out until the drains have been inspected.",
  },
  { body: "The pumps at Chandlers Row have lowered the water by another eleven centimetres since the last reading." },
  {
    body: "Two buses an hour now leave St Orrin School for Wickersand. The council asks people to wait indoors until theirs is called.",
  },
  {
    headline: "Quill falls below the second mark",
    body: "The river gauge at Ebbstow shows 3.12 metres, below the second warning mark for the first time since yesterday evening.",
  },
  {
    body: "Crews have cleared the fallen mast from the slipway at Tollen Point. The lifeboat station can launch again.",
  },
  {
    body: "The bakery on Cooper’s Lane is giving away what it baked for a market that will not happen. The queue is orderly, our reporter says, and long.",
  },
  {
    headline: "Drinking water safe in all districts",
    body: "The water board has lifted its last boil notice. Samples from Greyhythe, Wickersand and Ebbstow were clear twice in a row.",
  },
  {
    body: "A crane has arrived from inland to lift the fishing boat <em>Patient Anna</em> off the promenade, where the second tide left it.",
  },
  { body: "Schools north of the Quill open tomorrow at ten. Those to the south will decide this evening." },
  {
    headline: "Rail: single track from tonight",
    body: "The coast line runs again on one track from tonight, with a train each way every ninety minutes and buses between Wickersand and Ebbstow.",
  },
  { body: "Firefighters have left the power station. The last transformer was switched back on without trouble." },
  {
    body: "<p>Three shelters remain open:</p><ul><li>St Orrin School</li><li>the sports hall in Anselby</li><li>the ferry terminal, for islanders only</li></ul>",
  },
  {
    body: "Divers have begun to look at the feet of the sea wall. They will need two more low waters before anybody says how it fared.",
  },
  {
    headline: "Third tide lower than feared",
    body: "The third high water passed at 3.88 metres, some thirty centimetres under the forecast.",
  },
  {
    body: "Volunteers who want to help with sandbags are asked to come tomorrow, not today. There are enough hands for now.",
  },
  {
    body: "The outer islands report no injuries. The post boat will try the crossing at first light with bread, letters and a vet.",
  },
];

export const CLAIMS: readonly { body: string; found: string }[] = [
  {
    body: "A resident tells us that a second breach has opened south of the dunes at Wickersand. We have not been able to reach the place.",
    found:
      "The coastguard has flown over it: there is no second breach. What was seen is the old drainage cut, full to the brim.",
  },
  {
    body: "Messages going round say that the Ebbstow Barrier will be closed again tonight. The port authority has not answered yet.",
    found: "The port authority confirms it: gates three to five close at nine, as a precaution for the night tide.",
  },
  {
    body: "A photograph appears to show the lighthouse at Tollen Point without its lamp. We do not know when it was taken.",
    found:
      "The picture is genuine and from this morning. The keeper says that the lamp was taken down by hand before the storm.",
  },
];

export const QUOTES: readonly { text: string; name: string; role: string; source: string }[] = [
  {
    text: "We have mud where we had a kitchen. But we have everybody, and the cat.",
    name: "Orla Fenwick",
    role: "resident of Chandlers Row",
    source: "to our reporter",
  },
  {
    text: "The wall did what it was built for. Now we find out what it cost the wall.",
    name: "Dr Anselm Roth",
    role: "county engineer",
    source: "press briefing",
  },
  {
    text: "Nobody should drive down to look at it. The people who live there would like the road.",
    name: "Sergeant Mina Dowd",
    role: "Merrow Constabulary",
    source: "press briefing",
  },
  {
    text: "I have rung the bell for high water for thirty years, and never before asked it to stop.",
    name: "Edmund Tarry",
    role: "harbour master of Greyhythe",
    source: "to our reporter",
  },
];

export const CORRECTIONS: readonly string[] = [
  "An earlier version of this post gave the wrong time. It has been put right.",
  "We first named the wrong street. We have corrected it.",
  "A figure in this post was the forecast, not the reading. It has been corrected.",
];

export const ADDITIONS: readonly string[] = [
  "<p><strong>Update:</strong> the council has confirmed this to us.</p>",
  "<p><strong>Update:</strong> more details are expected within the hour.</p>",
  "<p><strong>Update:</strong> our reporter on the spot says that it is calm there now.</p>",
];
