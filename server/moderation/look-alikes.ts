/**
 * Letters that look like others, after Unicode's confusables (UTS #39, Unicode 15.0): the letters of Latin, Greek,
 * Cyrillic, Armenian, Georgian, Cherokee, Coptic and Lisu that survive NFKD and whose skeleton, as ICU 72 computes it,
 * is one or two letters of ASCII once its strokes are taken away. Three things are ours: small capitals and the
 * letters of negative circles and squares are the letters that they show, a capital I of any script is an i and not the
 * l that it is drawn like, and where only one case of a letter looks like another, both are taken for it.
 *
 * From data files © 1991–2022 Unicode, Inc., under the Unicode License: https://www.unicode.org/license.txt
 */
// prettier-ignore
const LOOK_ALIKES = {
  a: "ɑΑαАаᎪᴀꓮ🅐🅰Ɑꭺ",
  aa: "Ꜳꜳ",
  ae: "ÆæӔӕ",
  ao: "Ꜵꜵ",
  au: "Ꜷꜷ",
  av: "ꜸꜹꜺꜻ",
  ay: "Ꜽꜽ",
  b: "ƀƂƃƄɓʙΒБВЬѢѣҌҍᏏᏴꓐꞴ🅑🅱ƁƅɃβбвьᏼᲀᲇꞵꮟ",
  bl: "Ыы",
  c: "ȼСсҪҫᏟᴄⲤⲥꓚꮯ🅒🅲Ȼᲃ",
  d: "ÐĐđƉƌɖɗԁᎠᏧᴅꓒꓓ🅓🅳ðƊƋԀꭰꮷ",
  dz: "ʣ",
  e: "ɆɇΕЕеҽҿᎬᴇꓰꬲ🅔🅴εҼҾꭼ",
  f: "ƑƒϜքᵮẝꓝꜰꞘꞙꬵ🅕🅵ϝՔ",
  g: "ƍǤǥɠɡɢԌցᏀᏳᶃꓖ🅖🅶ƓԍՑᏻꞬꮐ",
  h: "ĦħɦʜΗНћҢһӇӉհᎻᏂᏲⱧⲎꓧꚕ🅗🅷ЋнңҺӈӊՀᏺⱨⲏꚔꞪꮋꮒ",
  i: "ıƖƗɨɩɪΙιІіӀӏᎥᵻᵼⲒꙇꭵ🅘🅸ⲓꙆꞮ",
  j: "ɈɉͿϳЈјᎫᴊꓙꞲ🅙🅹ʝꭻ",
  k: "ƙΚКҚҞᏦᴋⱩⲔꓗꝀ🅚🅺Ƙκкқҟⱪⲕꝁꮶ",
  l: "ŁłƚǀɫɭʟᏞⳐꓡꓲ🅛🅻ȽⱢⳑꮮ",
  ll: "ǁ",
  lo: "Юю",
  ls: "ʪ",
  lz: "ʫ",
  m: "ɱΜϺМӍᎷᴍᵯⲘꓟ🅜🅼μϻмӎⱮⲙꮇ",
  n: "ƝƞɳɴΝηոռᵰⲚꓠ🅝🅽ȠɲՈՌⲛ",
  o: "ØøƟɵΘΟθοσОоѲѳӨөՕօჿᎾᏫᴏᴑⲞⲟꓳꝊꝋꬽꬾꭴꮎꮻ🅞🅾ΣᎤᲂᲿ",
  oe: "Œœ",
  oo: "ꚘꚙꝎꝏ",
  p: "ƥΡρРрᏢᴘᵽⲢⲣꓑ🅟🅿ƤⱣꮲ",
  q: "ʠԛգզꞯ🅠🆀ԚԳԶ",
  r: "ƦɍɼɽʀгғᎡᏒᴦᵲⲅꓣꭇꭈꮁ🅡🆁ɌГҒᎱⱤⲄꭱꮢ",
  s: "ƽʂЅѕՏᏕᏚᵴꓢꜱꮪ🅢🆂ƼտꟅꮥ",
  t: "ŦŧƭƮȾΤТҬᎢᴛᵵⲦꓔ🅣🆃Ƭʈτтҭᲄᲅⱦⲧꭲ",
  tf: "ꝷ",
  ts: "ʦ",
  u: "ɄʋυՍսᏌᴜᵾꓴꞟꭎꭒꮜ🅤🆄ƲʉꞞ",
  ue: "ᵫ",
  uo: "ꭣ",
  v: "νѴѵᏙᴠꓦꮩ🅥🆅",
  w: "ɯѡѽԜԝաᎳᏔᴡꓪꝡꮃ🅦🆆ƜѠѼԱꝠꮤ",
  x: "ΧХхҲⲬꓫꞳ🅧🆇χҳⲭꭓ",
  y: "ƴɎɏɣʏΥγУуҮүҰұყᎩᎽᶌỿⲨꓬꭚ🅨🆈ƔƳΓᲧỾⲩꭹꮍ",
  z: "ƵƶȤȥʐΖᏃᴢᵶꓜꮓ🅩🆉ζ",
};

/** From a character to the one or two lower-case letters of ASCII that it looks like. */
export const LETTER_LIKE: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOK_ALIKES).flatMap(([letters, alike]) => [...alike].map((one) => [one, letters] as const)),
);
