// While a result is being computed, look again every three seconds; without this script a person reloads the page.
"use strict";
if (document.querySelector("[data-running]")) setTimeout(() => location.reload(), 3000);
