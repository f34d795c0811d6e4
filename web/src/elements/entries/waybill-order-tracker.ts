import "../order-tracker";
