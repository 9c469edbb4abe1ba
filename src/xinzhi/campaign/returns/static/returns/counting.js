"use strict";
// Counts as xinzhi.forms.count_characters does: every visible code point is one. A test holds the two together.
{
  const ignored = /^[\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}\p{Mn}\p{Me}]$/u;
  globalThis.countCharacters = (text) => {
    let count = 0;
    for (const character of text) if (!ignored.test(character)) count += 1;
    return count;
  };
}
