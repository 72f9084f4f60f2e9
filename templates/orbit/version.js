/** The relay's version, as `/health` tells it. */
export const version = "0.1.0";

/** The versions of the protocol that this relay speaks. */
export const protocol = Object.freeze({ min: 1, max: 1 });
