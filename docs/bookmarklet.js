// Saves the page that is shown as a dump of today, "2026-06-15 huggingface.co.html", with its address in a comment.
(() => {
  const two = (number) => String(number).padStart(2, "0");
  const now = new Date();
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const address = location.href.replaceAll("--", "-%2D");
  const comment = `<!-- saved from url=(${String(address.length).padStart(4, "0")})${address} -->`;
  const page = ["\ufeff<!DOCTYPE html>", comment, document.documentElement.outerHTML].join("\n");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([page], { type: "text/html" }));
  link.download = `${day} ${location.hostname || "page"}.html`;
  link.click();
})();
