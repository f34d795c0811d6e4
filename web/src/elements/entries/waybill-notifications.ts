import "../notifications";
