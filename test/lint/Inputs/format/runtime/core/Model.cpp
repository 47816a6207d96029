int  twoSpaces( ) { return 1 ; }
