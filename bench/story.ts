/** A post as a reporter writes it, about 2 KB once it is on the page; the marks make each one unlike the others. */
export function storyText(begin: string, end = begin): string {
  return `<p>${begin} The harbour bridge at Ostermund reopened to foot traffic shortly after noon, four hours later than
the council had promised, once engineers finished checking the eastern bearings. Cars and lorries stay shut out until at
least Thursday.</p>
<p>Marit Lindqvist, who runs the ferry office on the south quay, told us that queues had reached the fish market by nine:
“We put on every boat that floats. I have not seen the square this full since the regatta was cancelled, and that was
eleven years ago.” Two of the larger vessels were still moored upstream with ice on their decks.</p>
<blockquote><p>Nobody was in danger at any point, but I understand why people who watched the lamp posts sway did not want
to hear that from me this morning.</p></blockquote>
<p>That was <strong>Deputy Mayor Jonas Feld</strong>, speaking outside the old customs house. He said an
<a href="https://ostermund.example/inspection">inspection report</a> commissioned in spring would be published in full,
including the pages on corrosion that opposition members asked about in June.</p>
<ul><li>Schools north of the river open an hour late tomorrow.</li><li>Bus 14 turns round at Weavers’ Gate.</li>
<li>The night ferry runs every twenty minutes until two o’clock.</li></ul>
<p>Our correspondent Pavel Ruiz walked across with the first few dozen. The wind has dropped, he writes, but the railings
hum; a boy of perhaps six counted the bolts aloud and got as far as ninety before his grandmother led him on. We will
have the police commissioner’s briefing here at half past three. ${end}</p>`;
}
