// Search without marks, the same folding as webapp/core/text.py: "Trần Đình Ấn" is found by "tran dinh an".
export function fold(text) {
  const plain = text.replace(/[đĐÐƉð]/g, "d").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  return plain.replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}

/** Tell whether each word that is looked for begins a word of the folded text. */
export function matcher(wanted) {
  const words = fold(wanted).split(" ").filter(Boolean);
  return (folded) => {
    const padded = ` ${folded}`;
    return words.every((word) => padded.includes(` ${word}`));
  };
}
