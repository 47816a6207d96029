namespace archc {

// A table of rows, 101 lines: not a function.
static const int kRows[] = {
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    12,
    13,
    14,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
    30,
    31,
    32,
    33,
    34,
    35,
    36,
    37,
    38,
    39,
    40,
    41,
    42,
    43,
    44,
    45,
    46,
    47,
    48,
    49,
    50,
    51,
    52,
    53,
    54,
    55,
    56,
    57,
    58,
    59,
    60,
    61,
    62,
    63,
    64,
    65,
    66,
    67,
    68,
    69,
    70,
    71,
    72,
    73,
    74,
    75,
    76,
    77,
    78,
    79,
    80,
    81,
    82,
    83,
    84,
    85,
    86,
    87,
    88,
    89,
    90,
    91,
    92,
    93,
    94,
    95,
    96,
    97,
    98,
    99,
    100,
    101,
    102,
    103,
    104,
    105,
    106,
    107,
    108,
    109,
    110,
    111,
    112,
    113,
    114,
    115,
    116,
    117,
    118,
    119,
};

struct Holder {
  // "{" in a comment and '{' in a literal do not count.
  int inside(int value) {
    return value + sizeof("{{{");
  }
};

int short_(int value) {
  value += 0;
  value += 1;
  value += 2;
  value += 3;
  value += 4;
  value += 5;
  value += 6;
  value += 7;
  value += 8;
  value += 9;
  value += 10;
  value += 11;
  value += 12;
  value += 13;
  value += 14;
  value += 15;
  value += 16;
  value += 17;
  value += 18;
  value += 19;
  value += 20;
  value += 21;
  value += 22;
  value += 23;
  value += 24;
  value += 25;
  value += 26;
  value += 27;
  value += 28;
  value += 29;
  value += 30;
  value += 31;
  value += 32;
  value += 33;
  value += 34;
  value += 35;
  value += 36;
  value += 37;
  value += 38;
  value += 39;
  value += 40;
  value += 41;
  value += 42;
  value += 43;
  value += 44;
  value += 45;
  value += 46;
  value += 47;
  value += 48;
  value += 49;
  value += 50;
  value += 51;
  value += 52;
  value += 53;
  value += 54;
  value += 55;
  value += 56;
  value += 57;
  value += 58;
  value += 59;
  value += 60;
  value += 61;
  value += 62;
  value += 63;
  value += 64;
  value += 65;
  value += 66;
  value += 67;
  value += 68;
  value += 69;
  value += 70;
  value += 71;
  value += 72;
  value += 73;
  value += 74;
  value += 75;
  value += 76;
  value += 77;
  value += 78;
  value += 79;
  value += 80;
  value += 81;
  value += 82;
  value += 83;
  value += 84;
  value += 85;
  value += 86;
  value += 87;
  value += 88;
  value += 89;
  value += 90;
  value += 91;
  value += 92;
  value += 93;
  value += 94;
  value += 95;
  value += 96;
  value += 97;
}

int long_(int value) {
  value += 0;
  value += 1;
  value += 2;
  value += 3;
  value += 4;
  value += 5;
  value += 6;
  value += 7;
  value += 8;
  value += 9;
  value += 10;
  value += 11;
  value += 12;
  value += 13;
  value += 14;
  value += 15;
  value += 16;
  value += 17;
  value += 18;
  value += 19;
  value += 20;
  value += 21;
  value += 22;
  value += 23;
  value += 24;
  value += 25;
  value += 26;
  value += 27;
  value += 28;
  value += 29;
  value += 30;
  value += 31;
  value += 32;
  value += 33;
  value += 34;
  value += 35;
  value += 36;
  value += 37;
  value += 38;
  value += 39;
  value += 40;
  value += 41;
  value += 42;
  value += 43;
  value += 44;
  value += 45;
  value += 46;
  value += 47;
  value += 48;
  value += 49;
  value += 50;
  value += 51;
  value += 52;
  value += 53;
  value += 54;
  value += 55;
  value += 56;
  value += 57;
  value += 58;
  value += 59;
  value += 60;
  value += 61;
  value += 62;
  value += 63;
  value += 64;
  value += 65;
  value += 66;
  value += 67;
  value += 68;
  value += 69;
  value += 70;
  value += 71;
  value += 72;
  value += 73;
  value += 74;
  value += 75;
  value += 76;
  value += 77;
  value += 78;
  value += 79;
  value += 80;
  value += 81;
  value += 82;
  value += 83;
  value += 84;
  value += 85;
  value += 86;
  value += 87;
  value += 88;
  value += 89;
  value += 90;
  value += 91;
  value += 92;
  value += 93;
  value += 94;
  value += 95;
  value += 96;
  value += 97;
  value += 98;
}

// Dispatch table: one line per kind.
int table(int value) {
  value += 0;
  value += 1;
  value += 2;
  value += 3;
  value += 4;
  value += 5;
  value += 6;
  value += 7;
  value += 8;
  value += 9;
  value += 10;
  value += 11;
  value += 12;
  value += 13;
  value += 14;
  value += 15;
  value += 16;
  value += 17;
  value += 18;
  value += 19;
  value += 20;
  value += 21;
  value += 22;
  value += 23;
  value += 24;
  value += 25;
  value += 26;
  value += 27;
  value += 28;
  value += 29;
  value += 30;
  value += 31;
  value += 32;
  value += 33;
  value += 34;
  value += 35;
  value += 36;
  value += 37;
  value += 38;
  value += 39;
  value += 40;
  value += 41;
  value += 42;
  value += 43;
  value += 44;
  value += 45;
  value += 46;
  value += 47;
  value += 48;
  value += 49;
  value += 50;
  value += 51;
  value += 52;
  value += 53;
  value += 54;
  value += 55;
  value += 56;
  value += 57;
  value += 58;
  value += 59;
  value += 60;
  value += 61;
  value += 62;
  value += 63;
  value += 64;
  value += 65;
  value += 66;
  value += 67;
  value += 68;
  value += 69;
  value += 70;
  value += 71;
  value += 72;
  value += 73;
  value += 74;
  value += 75;
  value += 76;
  value += 77;
  value += 78;
  value += 79;
  value += 80;
  value += 81;
  value += 82;
  value += 83;
  value += 84;
  value += 85;
  value += 86;
  value += 87;
  value += 88;
  value += 89;
  value += 90;
  value += 91;
  value += 92;
  value += 93;
  value += 94;
  value += 95;
  value += 96;
  value += 97;
  value += 98;
}

} // namespace archc
