import "../sign-in";
