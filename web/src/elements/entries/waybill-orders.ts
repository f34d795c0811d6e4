import "../orders";
